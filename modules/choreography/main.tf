# The choreography, from its folder or from the long form: name, definition, and the events of its rules.

data "aws_partition" "current" {}

locals {
  generated = var.workflow == null ? null : jsondecode(file("${var.workflow}/events.json"))

  # Of what the definition says now, however its lines end here and whether or not it begins with a byte order mark.
  workflow_sha256 = try(sha256(replace(replace(trimprefix(file("${var.workflow}/workflow.yaml"), "\uFEFF"), "\r\n", "\n"), "\r", "\n")), null)

  name            = var.workflow == null ? var.name : local.generated.choreography
  definition_path = var.workflow == null ? var.definition : "${var.workflow}/definition.asl.json"
  template = templatefile(local.definition_path, {
    partition      = data.aws_partition.current.partition
    journeys_table = var.insights.journeys_table_name
  })
  # Null if the file holds no JSON object; a precondition refuses that.
  state_machine = try(
    merge(jsondecode(local.template), { for seconds in var.timeout_seconds[*] : "TimeoutSeconds" => seconds }),
    null,
  )
  # Without blanks it is half as long, and Step Functions takes 1 MB.
  definition = local.state_machine == null ? local.template : jsonencode(local.state_machine)
  # Step Functions itself ends what runs for a year.
  timeout_seconds = try(local.state_machine.TimeoutSeconds, 31536000)

  # Known before the state machine is made, so that a plan can check the length of what rules send.
  state_machine_arn  = "${var.insights.state_machine_arn_prefix}${local.name}"
  state_machine_name = "${var.insights.name_prefix}-${local.name}"

  # What every message says of its choreography, apart from the fields of its rule: docs/reference/interfaces.md, section 4.
  expected_seconds = var.workflow == null ? var.correlation.expected_seconds : try(local.generated.expectedSeconds, null)
  choreography = var.workflow == null ? {
    name            = local.name
    stateMachineArn = local.state_machine_arn
    earlySeconds    = var.correlation.early_seconds
    settleSeconds   = var.correlation.settle_seconds
    unexpected      = var.correlation.unexpected
    timeoutSeconds  = local.timeout_seconds
    reads           = var.correlation.reads
    } : {
    name            = local.name
    stateMachineArn = local.state_machine_arn
    earlySeconds    = local.generated.earlySeconds
    settleSeconds   = local.generated.settleSeconds
    unexpected      = local.generated.unexpected
    timeoutSeconds  = local.timeout_seconds
    reads           = local.generated.reads
  }

  tags = merge({ "choreography-insights" = var.insights.name_prefix, "choreography" = local.name }, var.tags)

  # Rules and roles may have 64 characters; a name that is too long is cut and made unique again by a hash.
  name_hash = substr(sha256(local.state_machine_name), 0, 8)
  rule_name_prefix = (
    length(local.state_machine_name) <= 54
    ? local.state_machine_name
    : "${substr(local.state_machine_name, 0, 45)}-${local.name_hash}"
  )
  long_role_name = "${var.iam_role.name_prefix}${local.state_machine_name}"
  role_name = (
    length(local.long_role_name) <= 55
    ? "${local.long_role_name}-journeys"
    : "${substr(local.long_role_name, 0, 45)}-${local.name_hash}-journeys"
  )
}
