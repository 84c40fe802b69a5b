# For the team that owns the choreography. Whoever runs the insights has alarms on all of them together.
locals {
  counted    = { namespace = var.insights.metrics_namespace, dimensions = { service = var.insights.name_prefix, choreography = local.name } }
  of_machine = { namespace = "AWS/States", dimensions = { StateMachineArn = local.state_machine_arn } }

  is_counted = var.insights.metrics_detail != "summary"
  alarms = {
    for subject, alarm in {
      deviations = { by = local.counted, metric = "Deviations", statistic = "Sum", period = 60, says = "departed from it" }
      overdue    = { by = local.counted, metric = "JourneysOverdue", statistic = "Maximum", period = 600, says = "take longer than it expects" }
      timed-out  = { by = local.of_machine, metric = "ExecutionsTimedOut", statistic = "Sum", period = 60, says = "reached their timeout" }
    } : subject => alarm if var.alarm_topic_arn != null && (local.is_counted || alarm.by.namespace == "AWS/States")
  }
}

check "alarms" {
  assert {
    condition     = var.alarm_topic_arn == null || local.is_counted
    error_message = "alarm_topic_arn: of ${local.name} only journeys that time out can be told. Its deviations and overdue journeys are not counted by themselves, as metrics_detail of the insights is summary; ask for per_choreography there."
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.state_machine_name}-${each.key}"
  alarm_description   = "Journeys of ${local.name} ${each.value.says}. What to do: ${var.insights.runbook_url}#${each.key}"
  namespace           = each.value.by.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.by.dimensions
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
