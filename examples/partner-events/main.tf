provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "choreography-insights" }
  }
}

locals {
  # Written down once, where the choreography is.
  event_source = yamldecode(file("${path.module}/shop-order/workflow.yaml")).source
}

# The partner has made the event source in this account. With a bus of its name, it is accepted, and its events come.
resource "aws_cloudwatch_event_bus" "partner" {
  name              = local.event_source
  event_source_name = local.event_source
}

module "insights" {
  source = "../../modules/insights"

  name_prefix          = var.name_prefix
  event_bus_name       = aws_cloudwatch_event_bus.partner.name
  powertools_layer_arn = var.powertools_layer_arn

  # For trying out: everything goes with `terraform destroy`. Leave these two out where journeys matter.
  deletion_protection    = false
  point_in_time_recovery = false
}

module "shop_order" {
  source = "../../modules/choreography"

  insights = module.insights
  workflow = "${path.module}/shop-order"
}
