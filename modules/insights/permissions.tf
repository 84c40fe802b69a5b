# The functions' roles. Everything is named; what names state machines does so by their common prefix, so that the
# policies stay as they are however many choreographies there are.
locals {
  correlation_statements = [
    {
      Sid    = "Journeys"
      Effect = "Allow"
      # TransactWriteItems is allowed by the actions of its parts.
      Action   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      Resource = aws_dynamodb_table.journeys.arn
    },
    {
      Sid      = "LookAgainLater"
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = [for queue in aws_sqs_queue.work : queue.arn]
    },
  ]

  queue_statements = {
    for role, function in local.correlating : role => {
      Sid    = "ReadTheQueue"
      Effect = "Allow"
      # What has failed comes again soon: the function shortens its visibility timeout.
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
      Resource = aws_sqs_queue.work[function.queue].arn
    }
  }

  # https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-example.html scopes ListStreams to the stream as well.
  read_the_stream = {
    Sid    = "ReadTheStream"
    Effect = "Allow"
    Action = [
      "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
    ]
    Resource = aws_dynamodb_table.journeys.stream_arn
  }

  own_statements = {
    start = [
      {
        Sid      = "BeginJourneys"
        Effect   = "Allow"
        Action   = "states:StartExecution"
        Resource = "${local.state_machine_arn_prefix}*"
      },
      {
        Sid      = "AskForJourneys"
        Effect   = "Allow"
        Action   = "states:DescribeExecution"
        Resource = local.execution_arn_pattern
      },
    ]
    resume = [
      {
        # The reference lists no resource for these, but AWS holds them against the state machine's ARN, as CDK's
        # grantTaskResponse relies on: https://github.com/aws/aws-cdk/pull/8486
        Sid      = "MoveJourneysOn"
        Effect   = "Allow"
        Action   = ["states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"]
        Resource = "${local.state_machine_arn_prefix}*"
      },
      {
        Sid      = "AskForJourneys"
        Effect   = "Allow"
        Action   = ["states:DescribeExecution", "states:GetExecutionHistory"]
        Resource = local.execution_arn_pattern
      },
      {
        # A journey's waits inside an `each` have rows of their own: they are found beside its own, and go when used.
        Sid      = "ReadAndTakeWaits"
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteItem", "dynamodb:Query"]
        Resource = aws_dynamodb_table.journeys.arn
      },
      {
        Sid      = "FindWhatIsDue"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "${aws_dynamodb_table.journeys.arn}/index/due"
      },
      {
        Sid       = "Report"
        Effect    = "Allow"
        Action    = "events:PutEvents"
        Resource  = local.event_bus_arn
        Condition = { StringEquals = { "events:source" = "choreography.insights" } }
      },
      local.read_the_stream,
      {
        Sid      = "SetBadRecordsAside"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letter["stream"].arn
      },
    ]
    statistics = [
      {
        Sid      = "Look"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource = aws_dynamodb_table.journeys.arn
      },
      {
        # No journey: the names of choreographies begin with a letter.
        Sid       = "CountAndKeepPictures"
        Effect    = "Allow"
        Action    = "dynamodb:PutItem"
        Resource  = aws_dynamodb_table.journeys.arn
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["#counts#*", "#pictures"] } }
      },
      local.read_the_stream,
      {
        Sid      = "SetBadRecordsAside"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letter["statistics"].arn
      },
    ]
    insights = [
      {
        Sid      = "ReadJourneys"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
        Resource = aws_dynamodb_table.journeys.arn
      },
      {
        Sid      = "FindJourneys"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = [for index in ["waiting", "deviations"] : "${aws_dynamodb_table.journeys.arn}/index/${index}"]
      },
    ]
  }

  # Lambda's own calls, which AWS lets nobody restrict to resources:
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
  tracing_statements = [for enabled in [var.tracing] : {
    Sid      = "Trace"
    Effect   = "Allow"
    Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    Resource = "*"
  } if enabled]

  # Only what correlates calls Step Functions; what only reads has no queue at all.
  encrypting_services = {
    for role, function in local.functions : role => (
      role == "insights" ? ["dynamodb"] : function.queue == null ? ["dynamodb", "sqs"] : ["dynamodb", "sqs", "states"]
    )
  }
  key_statements = {
    for role, services in local.encrypting_services : role => [for key in var.kms_key_arn[*] : {
      Sid       = "UseTheKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = key
      Condition = { StringLike = { "kms:ViaService" = [for service in services : "${service}.${local.region}.*"] } }
    }]
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name                 = "${var.iam_role.name_prefix}${var.name_prefix}-${each.key}"
  path                 = var.iam_role.path
  description          = each.value.description
  permissions_boundary = var.iam_role.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = local.tags
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name = "choreography-insights"
  role = aws_iam_role.function[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for role, statement in local.queue_statements : statement if role == each.key],
      [{
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.function[each.key].arn}:*"
      }],
      [for statement in local.correlation_statements : statement if contains(keys(local.correlating), each.key)],
      local.own_statements[each.key],
      local.tracing_statements,
      local.vpc_statements[each.key],
      local.key_statements[each.key],
    )
  })
}
