provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "choreography-insights" }
  }
}

module "insights" {
  source = "../../modules/insights"

  name_prefix          = var.name_prefix
  powertools_layer_arn = var.powertools_layer_arn

  # For trying out: everything goes with `terraform destroy`. Leave these two out where journeys matter.
  deletion_protection    = false
  point_in_time_recovery = false
}

module "loan" {
  source = "../../modules/choreography"

  insights   = module.insights
  name       = "loan"
  definition = "${path.module}/loan.asl.json"

  start_events = [{
    pattern = jsonencode({ source = ["library"], detail-type = ["Book Lent"] })
    entity  = "$.detail.loan"
    events  = ["Book Lent"]
  }]
  events = [{
    pattern = jsonencode({ source = ["library"], detail-type = [{ anything-but = ["Book Lent"] }] })
    entity  = "$.detail.loan"
    events  = ["Book Lost", "Book Returned", "Book Shelved"]
  }]
  correlation = { early_seconds = 120 } # longer than the quarantine, in which nothing is awaited
}
