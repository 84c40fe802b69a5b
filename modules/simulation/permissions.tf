resource "aws_iam_role" "this" {
  name                 = "${var.iam_role.name_prefix}${local.name}"
  path                 = var.iam_role.path
  description          = "Lets simulations publish on ${var.insights.event_bus_name}"
  permissions_boundary = var.iam_role.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:SourceArn" = "${trimsuffix(var.insights.state_machine_arn_prefix, "-")}_simulation" } }
    }]
  })

  tags = local.tags
}

resource "aws_iam_role_policy" "this" {
  name = "publish"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      merge(
        {
          Sid      = "Publish"
          Effect   = "Allow"
          Action   = "events:PutEvents"
          Resource = var.insights.event_bus_arn
        },
        var.allowed_sources == null ? {} : {
          Condition = { StringEquals = { "events:source" = sort(var.allowed_sources) } }
        },
      ),
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
    ]
  })
}
