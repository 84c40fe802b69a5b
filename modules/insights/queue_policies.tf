# Who may put messages on the queues. Rules need to be named here; the functions, being of this account, do not.
# The policies are part of the queues, so that no rule ever meets a queue that would not let it in.
locals {
  bus_rules_arn_pattern = join("", [
    "arn:${local.partition}:events:${local.region}:${local.account}:rule/",
    local.event_bus_name == "default" ? "" : "${local.event_bus_name}/", # the default bus's rules carry no bus
    "${var.name_prefix}-*",
  ])
  default_bus_rule_arns = [
    for name in concat([local.status_rule_name], values(local.schedule_rule_names)) :
    "arn:${local.partition}:events:${local.region}:${local.account}:rule/${name}"
  ]

  admitted_rules = {
    start                  = [local.bus_rules_arn_pattern]
    event                  = concat([local.bus_rules_arn_pattern], local.default_bus_rule_arns)
    start-dead-letter      = []
    event-dead-letter      = []
    stream-dead-letter     = []
    statistics-dead-letter = []
    target-dead-letter     = concat([local.bus_rules_arn_pattern], local.default_bus_rule_arns)
  }

  queue_arns = {
    for queue in keys(local.admitted_rules) :
    queue => "arn:${local.partition}:sqs:${local.region}:${local.account}:${var.name_prefix}-${queue}"
  }

  queue_policies = {
    for queue, rule_arns in local.admitted_rules : queue => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [for admitted in [rule_arns] : {
          Sid       = "OnlyTheseRules"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = local.queue_arns[queue]
          Condition = { ArnLike = { "aws:SourceArn" = admitted } }
        } if length(admitted) > 0],
        [{
          Sid       = "OnlyOverTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = local.queue_arns[queue]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }],
      )
    })
  }
}
