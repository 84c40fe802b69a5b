# A bus of the house and what watches it, made together: nothing of it is there yet when it is planned.

resource "aws_cloudwatch_event_bus" "house" {
  name = "shop-events"
}

module "insights" {
  source = "../../../../modules/insights"

  name_prefix    = "shop"
  event_bus_name = aws_cloudwatch_event_bus.house.name
  lambda_zip     = "tests/terraform/stands-for-the-zip"
}

module "parcel" {
  source = "../../../../modules/choreography"

  insights = module.insights
  workflow = "tests/terraform/choreographies/parcel"
}

output "event_bus" {
  value = { name = module.insights.event_bus_name, arn = module.insights.event_bus_arn }
}
