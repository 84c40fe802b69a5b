# What the other files share: where this is, and what things are called.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# The Region, known at plan time: provider 5 calls it aws_region.name and provider 6 aws_region.region;
# aws_service says it in both, and asks no API for it.
data "aws_service" "states" {
  service_id = "states"
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_service.states.region

  # Every permission on state machines is by this beginning of their ARNs, so that no policy grows with them.
  state_machine_arn_prefix = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${var.name_prefix}-"
  execution_arn_pattern    = "arn:${local.partition}:states:${local.region}:${local.account}:execution:${var.name_prefix}-*:*"

  console_domains = { aws-cn = "console.amazonaws.cn", aws-us-gov = "console.amazonaws-us-gov.com" }
  console_url     = "https://${local.region}.${lookup(local.console_domains, local.partition, "console.aws.amazon.com")}"

  tags = merge({ "choreography-insights" = var.name_prefix }, var.tags)
}
