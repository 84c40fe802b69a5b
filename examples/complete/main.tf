provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "choreography-insights" }
  }
}

module "choreography_insights" {
  source = "../.."

  name_prefix          = var.name_prefix
  powertools_layer_arn = var.powertools_layer_arn

  choreographies = {
    order      = { workflow = "${path.module}/../order/order" }
    car-dealer = { workflow = "${path.module}/../car-dealer/car-dealer" }
  }
  simulation = true

  # For trying out: everything goes with `terraform destroy`. Leave these two out where journeys matter.
  deletion_protection    = false
  point_in_time_recovery = false
}
