# For the team that owns the choreography. Whoever runs the insights has alarms on all of them together.
locals {
  alarms = {
    for subject, alarm in {
      deviations = { metric = "Deviations", statistic = "Sum", period = 60, says = "departed from it" }
      overdue    = { metric = "JourneysOverdue", statistic = "Maximum", period = 600, says = "take longer than it expects" }
      timed-out  = { metric = "JourneysTimedOut", statistic = "Sum", period = 60, says = "reached their timeout" }
    } : subject => alarm if var.alarm_topic_arn != null
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.state_machine_name}-${each.key}"
  alarm_description   = "Journeys of ${local.name} ${each.value.says}. What to do: ${var.insights.runbook_url}#${each.key}"
  namespace           = var.insights.metrics_namespace
  metric_name         = each.value.metric
  dimensions          = { service = var.insights.name_prefix, choreography = local.name }
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = each.value.period
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]

  tags = local.tags
}
