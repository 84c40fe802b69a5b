# The state machine writes the waits of its own journeys, and nothing else.
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
