locals {
  tracing = coalesce(var.tracing, var.insights.tracing)
}

# What the state machine was called first. A state machine that is called otherwise is another one: Terraform would delete
# this one, and Step Functions would end its journeys.
resource "terraform_data" "name" {
  input = local.state_machine_name

  lifecycle {
    ignore_changes = [input]
  }
}

# Journeys keep the definition that they began with: a change steers only those that begin afterwards.
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_285:it wants execution data in the log; payloads and task tokens are never logged
  name       = local.state_machine_name
  type       = "STANDARD" # Express machines cannot wait for task tokens
  role_arn   = aws_iam_role.this.arn
  definition = local.definition

  logging_configuration {
    level                  = var.logging.level
    include_execution_data = false # payloads and task tokens are never logged
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  tracing_configuration {
    enabled = local.tracing
  }

  dynamic "encryption_configuration" {
    for_each = var.insights.kms_key_arn[*]

    content {
      type                              = "CUSTOMER_MANAGED_KMS_KEY"
      kms_key_id                        = encryption_configuration.value
      kms_data_key_reuse_period_seconds = 300
    }
  }

  tags = local.tags

  # Gone only when its last execution is: docs/operations-and-design/operations.md.
  timeouts {
    delete = "15m"
  }

  # Step Functions tries the log group with the role's permissions when the state machine is made.
  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = can(local.state_machine.StartAt) && can(keys(local.state_machine.States))
      error_message = "${local.definition_path}: is not a state machine in Amazon States Language (a JSON object with StartAt and States). ${var.workflow == null ? "Correct the file." : "Generate it again with: choreography generate ${var.workflow}"}"
    }
    precondition {
      condition     = var.name == null || var.name == local.name
      error_message = "name (\"${coalesce(var.name, "null")}\"): ${coalesce(var.workflow, "the workflow")}/events.json calls this choreography \"${local.name}\". Use that name, or change choreography in its workflow.yaml and generate it again."
    }
    precondition {
      condition     = terraform_data.name.output == local.state_machine_name
      error_message = "${local.name}: this block's state machine is ${terraform_data.name.output}, and as ${local.state_machine_name} it would be another one: the journeys that run would be ended. Add a second block for the new name; when no journey of the old one runs any more (choreography stop), remove the old block. To rename it all the same: terraform apply -replace=ADDRESS, where ADDRESS is that of terraform_data.name in this module."
    }
    precondition {
      condition     = local.workflow_sha256 == null || try(local.generated.workflowSha256, local.workflow_sha256) == local.workflow_sha256
      error_message = "${coalesce(var.workflow, "workflow")}: workflow.yaml has changed since definition.asl.json and events.json were generated from it. Generate them again with: choreography generate ${coalesce(var.workflow, "FOLDER")}"
    }
  }
}

# Under /aws/vendedlogs/ the account's resource policy for log deliveries does not grow with every state machine:
# https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
resource "aws_cloudwatch_log_group" "this" {
  name              = coalesce(var.logging.group_name, "/aws/vendedlogs/states/${local.state_machine_name}")
  retention_in_days = coalesce(var.logging.retention_days, var.insights.log_retention_days)
  kms_key_id        = var.insights.kms_key_arn

  tags = local.tags
}
