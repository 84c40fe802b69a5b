# The whole: what watches the bus, one state machine per choreography, and the simulation if asked for.

module "insights" {
  source = "./modules/insights"

  name_prefix              = var.name_prefix
  event_bus_name           = var.event_bus_name
  lambda_zip               = var.lambda_zip
  lambda_s3_object         = var.lambda_s3_object
  powertools_layer_arn     = var.powertools_layer_arn
  function_timeout_seconds = var.function_timeout_seconds
  function_memory_mb       = var.function_memory_mb
  maximum_concurrency      = var.maximum_concurrency
  reserved_concurrency     = var.reserved_concurrency
  vpc                      = var.vpc
  iam_role                 = var.iam_role
  queue                    = var.queue
  deletion_protection      = var.deletion_protection
  point_in_time_recovery   = var.point_in_time_recovery
  kms_key_arn              = var.kms_key_arn
  log_level                = var.log_level
  log_retention_days       = var.log_retention_days
  tracing                  = var.tracing
  metrics_namespace        = var.metrics_namespace
  metrics_detail           = var.metrics_detail
  alarm_topic_arn          = var.alarm_topic_arn
  alarm_thresholds         = var.alarm_thresholds
  runbook_url              = var.runbook_url
  tags                     = var.tags
}

module "choreography" {
  source   = "./modules/choreography"
  for_each = var.choreographies

  insights        = module.insights
  name            = each.key
  workflow        = each.value.workflow
  definition      = each.value.definition
  picture         = each.value.picture
  start_events    = each.value.start_events
  events          = each.value.events
  correlation     = each.value.correlation
  timeout_seconds = each.value.timeout_seconds
  enabled         = each.value.enabled
  drain           = each.value.drain
  logging         = each.value.logging
  tracing         = each.value.tracing
  alarm_topic_arn = each.value.alarm_topic_arn
  iam_role        = var.iam_role
  tags            = merge(var.tags, each.value.tags)
}

module "simulation" {
  source = "./modules/simulation"
  count  = var.simulation ? 1 : 0

  insights        = module.insights
  allowed_sources = var.simulation_sources
  iam_role        = var.iam_role
  tags            = var.tags
}
