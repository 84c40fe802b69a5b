# What nobody's event would bring about the resume function is told to look for, as time passes. Schedules are always on
# the account's default bus.
locals {
  schedules = {
    sweep = {
      every       = 1
      input       = { sweep = "due" }
      description = "Word to look at kept events that are due"
    }
    watch = {
      every       = 5
      input       = { watch = "overdue" }
      description = "Word to look for overdue journeys"
    }
  }
  schedule_rule_names = { for name in keys(local.schedules) : name => "${var.name_prefix}-${name}" }
}

resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.schedules

  name                = local.schedule_rule_names[each.key]
  event_bus_name      = "default"
  description         = each.value.description
  schedule_expression = each.value.every == 1 ? "rate(1 minute)" : "rate(${each.value.every} minutes)"

  tags = local.tags
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = local.schedules

  rule           = aws_cloudwatch_event_rule.schedule[each.key].name
  event_bus_name = aws_cloudwatch_event_rule.schedule[each.key].event_bus_name
  target_id      = "event-queue"
  arn            = aws_sqs_queue.work["event"].arn
  input          = jsonencode(each.value.input)

  # By then there is word anew.
  retry_policy {
    maximum_event_age_in_seconds = 60 * each.value.every
    maximum_retry_attempts       = 5
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter["target"].arn
  }
}

moved {
  from = aws_cloudwatch_event_rule.watch
  to   = aws_cloudwatch_event_rule.schedule["watch"]
}

moved {
  from = aws_cloudwatch_event_target.watch
  to   = aws_cloudwatch_event_target.schedule["watch"]
}
