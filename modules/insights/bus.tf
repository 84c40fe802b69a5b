resource "aws_cloudwatch_event_bus" "this" {
  count = var.event_bus_name == null ? 1 : 0

  name               = var.name_prefix
  description        = "Events of the choreographies under ${var.name_prefix}"
  kms_key_identifier = var.kms_key_arn

  tags = local.tags
}

# A bus that is named is not looked up: it may be made in the same root, and then is not there yet when that is planned.
locals {
  event_bus_name = coalesce(var.event_bus_name, one(aws_cloudwatch_event_bus.this[*].name))
  event_bus_arn = (
    var.event_bus_name == null
    ? one(aws_cloudwatch_event_bus.this[*].arn)
    : "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/${var.event_bus_name}"
  )
}
