# For choreographies in another state: `insights = jsondecode(data.aws_ssm_parameter.insights.insecure_value)`.
resource "aws_ssm_parameter" "outputs" {
  #checkov:skip=CKV2_AWS_34:names and ARNs, nothing secret; a SecureString would need every reader to be let in to a key
  name        = "/choreography-insights/${var.name_prefix}"
  description = "What a choreography needs to know of ${var.name_prefix}"
  type        = "String"

  # Names and ARNs, nothing secret: so plans may show it.
  insecure_value = jsonencode({
    name_prefix                  = var.name_prefix
    event_bus_name               = local.event_bus_name
    event_bus_arn                = local.event_bus_arn
    console_url                  = local.console_url
    state_machine_arn_prefix     = local.state_machine_arn_prefix
    journeys_table_name          = aws_dynamodb_table.journeys.name
    journeys_table_arn           = aws_dynamodb_table.journeys.arn
    start_queue_arn              = aws_sqs_queue.work["start"].arn
    event_queue_arn              = aws_sqs_queue.work["event"].arn
    target_dead_letter_queue_arn = aws_sqs_queue.dead_letter["target"].arn
    kms_key_arn                  = var.kms_key_arn
    log_retention_days           = var.log_retention_days
    metrics_namespace            = var.metrics_namespace
    metrics_detail               = var.metrics_detail
    runbook_url                  = var.runbook_url
    tracing                      = var.tracing
  })

  tags = local.tags
}
