# The state machine writes the waits of its own journeys, and nothing else.
#
# Journeys keep the role that they began with, by its ARN, which a role made anew in its place does not have if it is
# called otherwise: each would fail at its next wait. So a role keeps the name and the path that it was made with.
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
resource "aws_iam_role" "this" {
  name                 = local.role_name
  path                 = var.iam_role.path
  description          = "Lets the journeys of ${local.name} write down what they wait for"
  permissions_boundary = var.iam_role.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:SourceArn" = local.state_machine_arn } }
    }]
  })

  tags = local.tags

  lifecycle {
    ignore_changes = [name, path]
  }
}

check "role" {
  assert {
    condition     = aws_iam_role.this.name == local.role_name && aws_iam_role.this.path == var.iam_role.path
    error_message = "iam_role: the journeys of ${local.name} keep the role ${aws_iam_role.this.path}${aws_iam_role.this.name} that they run with; ${var.iam_role.path}${local.role_name} would fail them. When none runs any more (choreography stop ${local.name} --prefix ${var.insights.name_prefix}), terraform apply -replace=ADDRESS makes it anew, where ADDRESS is that of aws_iam_role.this in this module."
  }
}

resource "aws_iam_role_policy" "this" {
  name = "journeys"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "WriteOwnJourneys"
          Effect    = "Allow"
          Action    = "dynamodb:UpdateItem"
          Resource  = var.insights.journeys_table_arn
          Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["${local.name}#*"] } }
        },
        {
          # Log deliveries have no resources: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
          Sid    = "Log"
          Effect = "Allow"
          Action = [
            "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
            "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies",
            "logs:DescribeLogGroups",
          ]
          Resource = "*"
        },
      ],
      [for enabled in [local.tracing] : {
        # Step Functions' own calls, without resources: https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
        Sid    = "Trace"
        Effect = "Allow"
        Action = [
          "xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
        ]
        Resource = "*"
      } if enabled],
      [for key in var.insights.kms_key_arn[*] : {
        Sid      = "UseTheKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource = key
      }],
    )
  })
}
