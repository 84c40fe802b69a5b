provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "choreography-insights" }
  }
}

# S3 puts an event on the default bus for each object of this bucket. A bucket's name is nobody else's in the world, so
# the choreography knows it by its first part.
resource "aws_s3_bucket" "inbox" {
  bucket_prefix = "ingest-inbox-"
  force_destroy = true
}

resource "aws_s3_bucket_notification" "inbox" {
  bucket      = aws_s3_bucket.inbox.id
  eventbridge = true
}

module "insights" {
  source = "../../modules/insights"

  name_prefix          = var.name_prefix
  event_bus_name       = "default" # where the events of AWS's services are
  powertools_layer_arn = var.powertools_layer_arn

  # For trying out: everything goes with `terraform destroy`. Leave these two out where journeys matter.
  deletion_protection    = false
  point_in_time_recovery = false
}

module "ingest" {
  source = "../../modules/choreography"

  insights = module.insights
  workflow = "${path.module}/ingest"
}
