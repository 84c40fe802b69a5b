# What Lambda does in the functions' names to connect them with a VPC:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
locals {
  vpc_statements = {
    for role, function_name in local.function_names : role => [
      for statement in [
        {
          # AWS restricts neither of these to resources.
          Sid      = "FindTheNetwork"
          Effect   = "Allow"
          Action   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
          Resource = "*"
        },
        {
          # Interfaces have no names before they are made. Their subnets and security groups are asked for as well; where
          # they are shared, by their owner's account, whatever that is: an id is there only once.
          Sid    = "ConnectToTheNetwork"
          Effect = "Allow"
          Action = [
            "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
            "ec2:UnassignPrivateIpAddresses",
          ]
          Resource = concat(
            ["arn:${local.partition}:ec2:${local.region}:${local.account}:*/*"],
            [for id in try(sort(var.vpc.subnet_ids), []) : "arn:${local.partition}:ec2:${local.region}:*:subnet/${id}"],
            [for id in try(sort(var.vpc.security_group_ids), []) : "arn:${local.partition}:ec2:${local.region}:*:security-group/${id}"],
          )
        },
        {
          # Lambda may do this, the function's own code may not.
          Sid    = "NotTheFunctionsCode"
          Effect = "Deny"
          Action = [
            "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
          ]
          Resource = "*"
          Condition = { ArnEquals = {
            "lambda:SourceFunctionArn" = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${function_name}"
          } }
        },
      ] : statement if var.vpc != null
    ]
  }
}
