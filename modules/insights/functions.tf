locals {
  # Where this project is. Of a module named by an absolute path Terraform sees only a link to that very folder, and
  # notes beside it where the link leads.
  project_folders = concat(
    ["${path.module}/../.."],
    [
      for module in try(jsondecode(file("${path.module}/../modules.json")).Modules, []) :
      "${trimprefix(module.Source, "file://")}/../.."
      if module.Dir == path.module && startswith(module.Source, "file://")
    ],
  )
  project_folder = try(
    [for folder in local.project_folders : folder if fileexists("${folder}/scripts/build_lambda.py")][0],
    null,
  )

  # Null where the code is in S3.
  lambda_zip = (
    var.lambda_s3_object != null
    ? null
    : coalesce(var.lambda_zip, "${coalesce(local.project_folder, local.project_folders[0])}/build/choreography_insights.zip")
  )
  build_it = (
    local.project_folder == null
    ? "Build it where you have this project (python3 scripts/build_lambda.py), and name it in lambda_zip."
    : "Take the module at the tag of a release (?ref=v...), which holds it. Or build it: python3 ${abspath("${local.project_folder}/scripts/build_lambda.py")}; or name another one in lambda_zip."
  )

  # https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/ - version 27 is Powertools 3.23.0.
  powertools_accounts = {
    cn-north-1    = "498634801083"
    us-gov-east-1 = "165087284144"
    us-gov-west-1 = "165093116878"
  }
  powertools_account = local.partition == "aws" ? "017000801446" : lookup(local.powertools_accounts, local.region, "")
  powertools_layer_arn = coalesce(
    var.powertools_layer_arn,
    "arn:${local.partition}:lambda:${local.region}:${local.powertools_account}:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:27",
  )

  function_names = { for role in keys(local.functions) : role => "${var.name_prefix}-${role}" }

  # Each by its role. What correlates has a queue of its own.
  functions = {
    start = {
      description = "Begins a journey for each start event"
      handler     = "choreography_insights.runtime.start.handler"
      queue       = "start"
      memory_mb   = var.function_memory_mb
      timeout     = var.function_timeout_seconds
    }
    resume = {
      description = "Moves journeys on, keeps early events, reports deviations, closes ended journeys"
      handler     = "choreography_insights.runtime.resume.handler"
      queue       = "event"
      memory_mb   = var.function_memory_mb
      timeout     = var.function_timeout_seconds
    }
    insights = {
      description = "Shows where journeys are, on the dashboard and in choreography console; it only reads"
      handler     = "choreography_insights.insights.widget.handler"
      queue       = null
      memory_mb   = 1769 # one whole processor: somebody waits for it, and it runs only then
      timeout     = 30
    }
    statistics = {
      description = "Counts by the hour what happens to journeys"
      handler     = "choreography_insights.insights.statistics.handler"
      queue       = null
      memory_mb   = var.function_memory_mb
      timeout     = 300
    }
  }
  correlating = { for role, function in local.functions : role => function if function.queue != null }

  shared_variables = {
    JOURNEYS_TABLE          = aws_dynamodb_table.journeys.name
    POWERTOOLS_SERVICE_NAME = var.name_prefix
    POWERTOOLS_LOG_LEVEL    = var.log_level
  }
  correlation_variables = {
    START_QUEUE_URL              = aws_sqs_queue.work["start"].url
    EVENT_QUEUE_URL              = aws_sqs_queue.work["event"].url
    EVENT_BUS_NAME               = local.event_bus_name
    POWERTOOLS_METRICS_NAMESPACE = var.metrics_namespace
    METRICS_DETAIL               = var.metrics_detail
    STATE_MACHINE_ARN_PREFIX     = local.state_machine_arn_prefix
    VISIBILITY_TIMEOUT_SECONDS   = tostring(var.queue.visibility_timeout_seconds)
  }
  own_variables = {
    insights = { STATE_MACHINE_ARN_PREFIX = local.state_machine_arn_prefix }
  }
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:the queues' maximum_concurrency bounds it; reserving takes from the account's pool, so it is the caller's choice
  #checkov:skip=CKV_AWS_116:event source mappings call it, whose queues and stream have dead-letter queues, or somebody who waits for its answer; this one would stay empty
  #checkov:skip=CKV_AWS_117:it talks to AWS's own APIs only; a VPC is the caller's choice
  #checkov:skip=CKV_AWS_173:its variables are names and URLs, nothing secret, and Lambda encrypts them at rest anyway
  #checkov:skip=CKV_AWS_272:the zip is built reproducibly from the source beside it; signing profiles are an organisation's own
  for_each = local.functions

  function_name                  = local.function_names[each.key]
  description                    = each.value.description
  filename                       = local.lambda_zip
  source_code_hash               = try(filebase64sha256(local.lambda_zip), null)
  s3_bucket                      = try(var.lambda_s3_object.bucket, null)
  s3_key                         = try(var.lambda_s3_object.key, null)
  s3_object_version              = try(var.lambda_s3_object.version_id, null)
  handler                        = each.value.handler
  runtime                        = "python3.13"
  architectures                  = ["arm64"]
  layers                         = [local.powertools_layer_arn]
  memory_size                    = each.value.memory_mb
  timeout                        = each.value.timeout
  reserved_concurrent_executions = each.value.queue == null ? -1 : coalesce(var.reserved_concurrency, -1)
  role                           = aws_iam_role.function[each.key].arn

  environment {
    variables = merge(
      local.shared_variables,
      contains(keys(local.correlating), each.key) ? local.correlation_variables : {},
      lookup(local.own_variables, each.key, {}),
    )
  }

  # Active: the functions sample traces themselves. EventBridge and SQS hand on a trace that a service began.
  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  logging_config {
    log_format = "Text" # Powertools writes the JSON itself
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  tags = local.tags

  # The first invocation may come before the permissions do.
  depends_on = [aws_iam_role_policy.function]

  lifecycle {
    precondition {
      condition     = local.lambda_zip == null ? true : fileexists(local.lambda_zip)
      error_message = "There is no zip at ${abspath(coalesce(local.lambda_zip, "null"))}. ${local.build_it}"
    }
    precondition {
      condition     = var.powertools_layer_arn != null || local.powertools_account != ""
      error_message = "powertools_layer_arn: AWS keeps no public layer of Powertools in ${local.region}. Publish one there (Python 3.13, arm64, Powertools 3.23.0 or later) and name its version's ARN."
    }
  }
}

# A function that puts a message on its own queue is a loop to Lambda, which by default it cuts after some 16 rounds:
# the message goes to the dead-letter queue and nobody is told why. Ours look again a handful of times and come to an end
# (docs/operations-and-design/correlation.md), yet an event is worth more than that guess.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
resource "aws_lambda_function_recursion_config" "this" {
  for_each = local.correlating

  function_name  = aws_lambda_function.this[each.key].function_name
  recursive_loop = "Allow"
}

resource "aws_cloudwatch_log_group" "function" {
  #checkov:skip=CKV_AWS_338:how long logs are needed is the caller's to say (log_retention_days); they hold no payloads to account for
  for_each = local.functions

  name              = "/aws/lambda/${local.function_names[each.key]}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = local.tags
}
