# The platform team's state: what all choreographies share.

provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "choreography-insights" }
  }
}

module "insights" {
  source = "../../../modules/insights"

  name_prefix          = var.name_prefix
  powertools_layer_arn = var.powertools_layer_arn

  # For trying out: everything goes with `terraform destroy`. Leave these two out where journeys matter.
  deletion_protection    = false
  point_in_time_recovery = false
}
