# What the modules use, and more, so that Terraform shows what moto lacks. Queues are left out: the provider waits
# half a minute for each, and examples/complete has them.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
  default_tags { tags = { Project = "embedded" } }
}

variable "package" {
  description = "Path of the function's zip file."
  type        = string
}

locals {
  queue_arn = "arn:aws:sqs:eu-west-1:123456789012:any"
}

resource "aws_kms_key" "this" {
  description             = "everything"
  enable_key_rotation     = true
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "this" {
  name          = "alias/everything"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_cloudwatch_event_bus" "this" {
  name               = "everything"
  description        = "a bus"
  kms_key_identifier = aws_kms_key.this.arn
}

resource "aws_dynamodb_table" "this" {
  name                        = "everything"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "journey"
  range_key                   = "item"
  stream_enabled              = true
  stream_view_type            = "NEW_IMAGE"
  deletion_protection_enabled = false
  attribute {
    name = "journey"
    type = "S"
  }
  attribute {
    name = "item"
    type = "S"
  }
  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this.arn
  }
  point_in_time_recovery { enabled = true }
}

resource "aws_iam_role" "this" {
  name = "everything"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "states.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "this" {
  role   = aws_iam_role.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = local.queue_arn }] })
}

resource "aws_iam_policy" "this" {
  name   = "everything"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }] })
}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.this.arn
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/everything"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_lambda_function" "this" {
  function_name                  = "everything"
  role                           = aws_iam_role.this.arn
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  handler                        = "handlers.handler"
  runtime                        = "python3.13"
  architectures                  = ["arm64"]
  timeout                        = 30
  memory_size                    = 256
  kms_key_arn                    = aws_kms_key.this.arn
  reserved_concurrent_executions = 10
  layers                         = ["arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:27"]
  environment { variables = { A = "b" } }
  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this.name
    application_log_level = "INFO"
    system_log_level      = "WARN"
  }
  tracing_config { mode = "Active" }
  dead_letter_config { target_arn = local.queue_arn }
}

resource "aws_lambda_function_recursion_config" "this" {
  function_name  = aws_lambda_function.this.function_name
  recursive_loop = "Allow"
}

resource "aws_cloudwatch_event_rule" "schedule" {
  name                = "everything-schedule"
  schedule_expression = "rate(1 minute)"
}

resource "aws_lambda_event_source_mapping" "stream" {
  event_source_arn               = aws_dynamodb_table.this.stream_arn
  function_name                  = aws_lambda_function.this.function_name
  starting_position              = "TRIM_HORIZON"
  batch_size                     = 100
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = 5
  maximum_record_age_in_seconds  = 3600
  parallelization_factor         = 2
  function_response_types        = ["ReportBatchItemFailures"]
  filter_criteria {
    filter { pattern = jsonencode({ dynamodb = { NewImage = { kept = { SS = [{ exists = true }] } } } }) }
  }
  destination_config {
    on_failure { destination_arn = local.queue_arn }
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  name           = "everything"
  description    = "a rule"
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = jsonencode({ source = ["order"], detail-type = [{ anything-but = ["Order Placed"] }] })
}

resource "aws_cloudwatch_event_target" "this" {
  rule           = aws_cloudwatch_event_rule.this.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  arn            = local.queue_arn
  input_transformer { input_template = "{\"choreography\": {\"name\": \"order\"}, \"event\": <aws.events.event.json>}" }
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }
  dead_letter_config { arn = local.queue_arn }
}

resource "aws_sfn_state_machine" "this" {
  name       = "everything"
  role_arn   = aws_iam_role.this.arn
  publish    = true
  definition = jsonencode({ StartAt = "Done", States = { Done = { Type = "Pass", End = true } } })
  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
    include_execution_data = false
    level                  = "ERROR"
  }
  tracing_configuration { enabled = true }
  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = aws_kms_key.this.arn
    kms_data_key_reuse_period_seconds = 300
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "everything"
  dashboard_body = jsonencode({ widgets = [] })
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "everything"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = "any" }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "expression" {
  alarm_name          = "expression"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  metric_query {
    id          = "sum"
    expression  = "a + a"
    label       = "both"
    return_data = true
  }
  metric_query {
    id = "a"
    metric {
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      period      = 60
      stat        = "Sum"
      dimensions  = { FunctionName = aws_lambda_function.this.function_name }
    }
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  name            = "everything/errors"
  log_group_names = [aws_cloudwatch_log_group.this.name]
  query_string    = "fields @timestamp | limit 10"
}

resource "aws_ssm_parameter" "this" {
  name  = "/everything"
  type  = "String"
  tier  = "Intelligent-Tiering"
  value = jsonencode({ a = 1 })
}
