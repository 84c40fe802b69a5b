data "aws_partition" "current" {}

locals {
  # An underscore, for <name_prefix>-... are the choreographies, which the functions watch.
  name = "${var.insights.name_prefix}_simulation"

  tags = merge({ "choreography-insights" = var.insights.name_prefix }, var.tags)
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_284:a tool for trying out; the journeys that its events move are traced
  #checkov:skip=CKV_AWS_285:it wants execution data in the log; payloads are never logged
  name     = local.name
  type     = "STANDARD"
  role_arn = aws_iam_role.this.arn
  definition = templatefile("${path.module}/simulation.asl.json", {
    partition = data.aws_partition.current.partition
    event_bus = var.insights.event_bus_name
  })

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  tags = local.tags

  # Step Functions tries the log group with the role's permissions when the state machine is made.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/vendedlogs/states/${local.name}"
  retention_in_days = var.insights.log_retention_days
  kms_key_id        = var.insights.kms_key_arn

  tags = local.tags
}
