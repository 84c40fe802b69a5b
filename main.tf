# The whole: what watches the bus, one state machine per choreography, and the simulation if asked for.

module "insights" {
  source = "./modules/insights"

  name_prefix            = var.name_prefix
  event_bus_name         = var.event_bus_name
  lambda_zip             = var.lambda_zip
  powertools_layer_arn   = var.powertools_layer_arn
  deletion_protection    = var.deletion_protection
  point_in_time_recovery = var.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  log_level              = var.log_level
  log_retention_days     = var.log_retention_days
  alarm_topic_arn        = var.alarm_topic_arn
  tags                   = var.tags
}

module "choreography" {
  source   = "./modules/choreography"
  for_each = var.choreographies

  insights = module.insights
  name     = each.key
  workflow = each.value.workflow
  tags     = merge(var.tags, each.value.tags)
}

module "simulation" {
  source = "./modules/simulation"
  count  = var.simulation ? 1 : 0

  insights = module.insights
  tags     = var.tags
}
