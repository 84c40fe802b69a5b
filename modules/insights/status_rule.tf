# Step Functions reports how executions end, always on the account's default bus. AWS sends this as best effort only,
# so nothing depends on it; it closes journeys early and gives their outcome and duration.
locals {
  status_rule_name = "${var.name_prefix}-journey-ended"
}

resource "aws_cloudwatch_event_rule" "journey_ended" {
  name           = local.status_rule_name
  event_bus_name = "default"
  description    = "Ends of journeys, for the resume function to close them"
  event_pattern = jsonencode({
    source      = ["aws.states"]
    detail-type = ["Step Functions Execution Status Change"]
    detail = {
      stateMachineArn = [{ prefix = local.state_machine_arn_prefix }]
      status          = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
    }
  })

  tags = local.tags
}

resource "aws_cloudwatch_event_target" "journey_ended" {
  rule           = aws_cloudwatch_event_rule.journey_ended.name
  event_bus_name = aws_cloudwatch_event_rule.journey_ended.event_bus_name
  target_id      = "event-queue"
  arn            = aws_sqs_queue.work["event"].arn

  # A day of tries, as EventBridge does unasked; then the dead-letter queue instead of nothing.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter["target"].arn
  }
}
