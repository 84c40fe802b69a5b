# What somebody should look at. An alarm's description says what it means; its runbook is a section of
# docs/operations.md with the alarm's own name.
locals {
  alarms = merge(
    {
      for role, queue in aws_sqs_queue.dead_letter : "${role}-dead-letters" => {
        description = "Something could not be processed and lies on ${queue.name}."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        statistic   = "Maximum"
        dimensions  = { QueueName = queue.name }
        threshold   = 1
      }
    },
    {
      for role, queue in aws_sqs_queue.work : "${role}-queue-age" => {
        description = "Events wait too long on ${queue.name}: the function is throttled, failing or too slow."
        namespace   = "AWS/SQS"
        metric      = "ApproximateAgeOfOldestMessage"
        statistic   = "Maximum"
        dimensions  = { QueueName = queue.name }
        threshold   = var.alarm_thresholds.queue_age_seconds
      }
    },
    {
      for role, function in aws_lambda_function.this : "${role}-function-errors" => {
        description = "${function.function_name} failed as a whole, not for single messages."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        statistic   = "Sum"
        dimensions  = { FunctionName = function.function_name }
        threshold   = 1
      }
    },
    {
      for role, function in aws_lambda_function.this : "${role}-function-throttles" => {
        description = "${function.function_name} was not let run: the account's or its own concurrency is used up."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        statistic   = "Sum"
        dimensions  = { FunctionName = function.function_name }
        threshold   = var.alarm_thresholds.throttles
      }
    },
    {
      stream-iterator-age = {
        description = "Early events wait too long for their journeys: the resume function lags behind the table's stream."
        namespace   = "AWS/Lambda"
        metric      = "IteratorAge"
        statistic   = "Maximum"
        dimensions  = { FunctionName = aws_lambda_function.this["resume"].function_name }
        threshold   = var.alarm_thresholds.iterator_age_seconds * 1000
      }
      deviations = {
        description = "Journeys departed from their choreography."
        namespace   = var.metrics_namespace
        metric      = "Deviations"
        statistic   = "Sum"
        dimensions  = { service = var.name_prefix }
        threshold   = var.alarm_thresholds.deviations
      }
      timed-out = {
        description = "Journeys reached their timeout: what they waited for never came."
        namespace   = var.metrics_namespace
        metric      = "JourneysTimedOut"
        statistic   = "Sum"
        dimensions  = { service = var.name_prefix }
        threshold   = var.alarm_thresholds.timed_out
      }
      overdue = {
        description = "Journeys take longer than their choreography expects."
        namespace   = var.metrics_namespace
        metric      = "JourneysOverdue"
        statistic   = "Maximum"
        dimensions  = { service = var.name_prefix }
        threshold   = var.alarm_thresholds.overdue
        period      = 600 # counted every five minutes: no period is without
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name_prefix}-${each.key}"
  alarm_description   = "${each.value.description} What to do: ${var.runbook_url}#${each.key}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  period              = try(each.value.period, 60)
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arn[*]
  ok_actions          = var.alarm_topic_arn[*]

  tags = local.tags
}
