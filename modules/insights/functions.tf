locals {
  lambda_zip = coalesce(var.lambda_zip, "${path.module}/../../build/choreography_insights.zip")

  # https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/ - version 27 is Powertools 3.23.0.
  powertools_layer_arn = coalesce(
    var.powertools_layer_arn,
    "arn:${local.partition}:lambda:${local.region}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:27",
  )

  functions = {
    start = {
      description = "Begins a journey for each start event"
      handler     = "choreography_insights.runtime.start.handler"
      queue       = "start"
    }
    resume = {
      description = "Moves journeys on, keeps early events, reports deviations, closes ended journeys"
      handler     = "choreography_insights.runtime.resume.handler"
      queue       = "event"
    }
  }
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name    = "${var.name_prefix}-${each.key}"
  description      = each.value.description
  filename         = local.lambda_zip
  source_code_hash = fileexists(local.lambda_zip) ? filebase64sha256(local.lambda_zip) : null
  handler          = each.value.handler
  runtime          = "python3.13"
  architectures    = ["arm64"]
  layers           = [local.powertools_layer_arn]
  memory_size      = var.function_memory_mb
  timeout          = var.function_timeout_seconds
  role             = aws_iam_role.function[each.key].arn

  environment {
    variables = {
      JOURNEYS_TABLE               = aws_dynamodb_table.journeys.name
      START_QUEUE_URL              = aws_sqs_queue.work["start"].url
      EVENT_QUEUE_URL              = aws_sqs_queue.work["event"].url
      EVENT_BUS_NAME               = local.event_bus_name
      POWERTOOLS_SERVICE_NAME      = var.name_prefix
      POWERTOOLS_METRICS_NAMESPACE = var.metrics_namespace
      POWERTOOLS_LOG_LEVEL         = var.log_level
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
      condition     = fileexists(local.lambda_zip)
      error_message = "There is no zip at ${local.lambda_zip}. Build it with: python3 scripts/build_lambda.py (in ${abspath("${path.module}/../..")}), or name another one in lambda_zip."
    }
  }
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name_prefix}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = local.tags
}
