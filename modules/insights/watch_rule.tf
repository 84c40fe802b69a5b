# Every few minutes the resume function looks for journeys that are overdue: nothing else would notice an event that
# never comes. Schedules are always on the account's default bus.
locals {
  watch_rule_name = "${var.name_prefix}-watch"
}

resource "aws_cloudwatch_event_rule" "watch" {
  name                = local.watch_rule_name
  event_bus_name      = "default"
  description         = "Word to look for overdue journeys"
  schedule_expression = "rate(5 minutes)"

  tags = local.tags
}

resource "aws_cloudwatch_event_target" "watch" {
  rule           = aws_cloudwatch_event_rule.watch.name
  event_bus_name = aws_cloudwatch_event_rule.watch.event_bus_name
  target_id      = "event-queue"
  arn            = aws_sqs_queue.work["event"].arn
  input          = jsonencode({ watch = "overdue" })

  # Five minutes later there is word anew.
  retry_policy {
    maximum_event_age_in_seconds = 300
    maximum_retry_attempts       = 5
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter["target"].arn
  }
}
