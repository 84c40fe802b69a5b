# The choreography, from its folder or from the long form: name, definition, and the events of its rules.

data "aws_partition" "current" {}

locals {
  generated = var.workflow == null ? null : jsondecode(file("${var.workflow}/events.json"))

  name            = var.workflow == null ? var.name : local.generated.choreography
  definition_path = var.workflow == null ? var.definition : "${var.workflow}/definition.asl.json"
  template = templatefile(local.definition_path, {
    partition      = data.aws_partition.current.partition
    journeys_table = var.insights.journeys_table_name
  })
  # Without blanks it is half as long, and Step Functions takes 1 MB. What is no JSON is refused by a precondition.
  definition = try(jsonencode(jsondecode(local.template)), local.template)

  # Known before the state machine is made, so that a plan can check the length of what rules send.
  state_machine_arn  = "${var.insights.state_machine_arn_prefix}${local.name}"
  state_machine_name = "${var.insights.name_prefix}-${local.name}"

  # What every message says of its choreography, apart from the fields of its rule: docs/interfaces.md, section 4.
  choreography = var.workflow == null ? {
    name            = local.name
    stateMachineArn = local.state_machine_arn
    earlySeconds    = var.correlation.early_seconds
    settleSeconds   = var.correlation.settle_seconds
    unexpected      = var.correlation.unexpected
    timeoutSeconds  = var.correlation.timeout_seconds
    reads           = var.correlation.reads
    } : {
    name            = local.name
    stateMachineArn = local.state_machine_arn
    earlySeconds    = local.generated.earlySeconds
    settleSeconds   = local.generated.settleSeconds
    unexpected      = local.generated.unexpected
    timeoutSeconds  = local.generated.timeoutSeconds
    reads           = local.generated.reads
  }

  tags = merge({ "choreography-insights" = var.insights.name_prefix, "choreography" = local.name }, var.tags)

  # Rules and roles may have 64 characters; a name that is too long is cut and made unique again by a hash.
  short_name = (
    length(local.state_machine_name) <= 54
    ? local.state_machine_name
    : "${substr(local.state_machine_name, 0, 45)}-${substr(sha256(local.state_machine_name), 0, 8)}"
  )
}
