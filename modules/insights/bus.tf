resource "aws_cloudwatch_event_bus" "this" {
  count = var.event_bus_name == null ? 1 : 0

  name               = var.name_prefix
  description        = "Events of the choreographies under ${var.name_prefix}"
  kms_key_identifier = var.kms_key_arn

  tags = local.tags
}

data "aws_cloudwatch_event_bus" "existing" {
  count = var.event_bus_name == null ? 0 : 1

  name = var.event_bus_name
}

locals {
  event_bus_name = one(concat(aws_cloudwatch_event_bus.this[*].name, data.aws_cloudwatch_event_bus.existing[*].name))
  event_bus_arn  = one(concat(aws_cloudwatch_event_bus.this[*].arn, data.aws_cloudwatch_event_bus.existing[*].arn))
}
