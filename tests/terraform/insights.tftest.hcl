mock_provider "aws" {
  source = "./tests/terraform/mocks/aws"

  # Distinct, so that a crossed wire shows.
  override_resource {
    target = aws_sqs_queue.work["start"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:shop-start", url = "https://sqs/shop-start" }
  }
  override_resource {
    target = aws_sqs_queue.work["event"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:shop-event", url = "https://sqs/shop-event" }
  }
  override_resource {
    target = aws_sqs_queue.dead_letter["start"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:shop-start-dead-letter", url = "https://sqs/shop-start-dead-letter" }
  }
  override_resource {
    target = aws_sqs_queue.dead_letter["event"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:shop-event-dead-letter", url = "https://sqs/shop-event-dead-letter" }
  }
  override_resource {
    target = aws_sqs_queue.dead_letter["stream"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:shop-stream-dead-letter", url = "https://sqs/shop-stream-dead-letter" }
  }
  override_resource {
    target = aws_sqs_queue.dead_letter["statistics"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:shop-statistics-dead-letter", url = "https://sqs/shop-statistics-dead-letter" }
  }
  override_resource {
    target = aws_sqs_queue.dead_letter["target"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:shop-target-dead-letter", url = "https://sqs/shop-target-dead-letter" }
  }
  override_resource {
    target = aws_lambda_function.this["start"]
    values = { arn = "arn:aws:lambda:eu-west-1:111122223333:function:shop-start" }
  }
  override_resource {
    target = aws_lambda_function.this["resume"]
    values = { arn = "arn:aws:lambda:eu-west-1:111122223333:function:shop-resume" }
  }
  override_resource {
    target = aws_lambda_function.this["statistics"]
    values = { arn = "arn:aws:lambda:eu-west-1:111122223333:function:shop-statistics" }
  }
  override_resource {
    target = aws_lambda_function.this["insights"]
    values = { arn = "arn:aws:lambda:eu-west-1:111122223333:function:shop-insights" }
  }
  override_resource {
    target = aws_iam_role.function["insights"]
    values = { arn = "arn:aws:iam::111122223333:role/shop-insights" }
  }
  override_resource {
    target = aws_cloudwatch_log_group.function["insights"]
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-insights" }
  }
  override_resource {
    target = aws_iam_role.function["start"]
    values = { arn = "arn:aws:iam::111122223333:role/shop-start" }
  }
  override_resource {
    target = aws_iam_role.function["resume"]
    values = { arn = "arn:aws:iam::111122223333:role/shop-resume" }
  }
  override_resource {
    target = aws_iam_role.function["statistics"]
    values = { arn = "arn:aws:iam::111122223333:role/shop-statistics" }
  }
  override_resource {
    target = aws_cloudwatch_log_group.function["start"]
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-start" }
  }
  override_resource {
    target = aws_cloudwatch_log_group.function["resume"]
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-resume" }
  }
  override_resource {
    target = aws_cloudwatch_log_group.function["statistics"]
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-statistics" }
  }
  override_resource {
    target = aws_cloudwatch_event_bus.this
    values = { arn = "arn:aws:events:eu-west-1:111122223333:event-bus/shop" }
  }
  override_resource {
    target = aws_dynamodb_table.journeys
    values = { arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys", stream_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys/stream/now" }
  }
}

variables {
  name_prefix = "shop"
  lambda_zip  = "tests/terraform/stands-for-the-zip"
}

run "as_it_is_with_a_name_and_nothing_else" {
  module { source = "./modules/insights" }

  # An own bus is named like everything else.
  assert {
    condition     = aws_cloudwatch_event_bus.this[0].name == "shop" && output.event_bus_name == "shop"
    error_message = "The bus is ${aws_cloudwatch_event_bus.this[0].name}."
  }
  assert {
    condition     = output.event_bus_arn == "arn:aws:events:eu-west-1:111122223333:event-bus/shop"
    error_message = "The bus is ${output.event_bus_arn}."
  }

  # The journeys table has the keys, the stream and the protection that the functions rely on.
  assert {
    condition = {
      for name in ["name", "hash_key", "range_key", "stream_enabled", "stream_view_type", "billing_mode", "deletion_protection_enabled"] :
      name => aws_dynamodb_table.journeys[name]
      } == {
      name         = "shop-journeys", hash_key = "journey", range_key = "item", stream_enabled = true, stream_view_type = "NEW_AND_OLD_IMAGES"
      billing_mode = "PAY_PER_REQUEST", deletion_protection_enabled = true
    }
    error_message = "The table is ${jsonencode(aws_dynamodb_table.journeys)}"
  }
  assert {
    condition = (
      [one(aws_dynamodb_table.journeys.ttl).attribute_name, one(aws_dynamodb_table.journeys.ttl).enabled] == ["expiresAt", true]
      && one(aws_dynamodb_table.journeys.point_in_time_recovery).enabled
    )
    error_message = "Rows must expire by expiresAt, and recovery must be on unless somebody turns it off."
  }

  # A message goes to the dead-letter queue of its own queue after twelve tries.
  assert {
    condition = { for role, queue in aws_sqs_queue.work : role => jsondecode(queue.redrive_policy) } == {
      start = { deadLetterTargetArn = "arn:aws:sqs:eu-west-1:111122223333:shop-start-dead-letter", maxReceiveCount = 12 }
      event = { deadLetterTargetArn = "arn:aws:sqs:eu-west-1:111122223333:shop-event-dead-letter", maxReceiveCount = 12 }
    }
    error_message = "Redrive policies are ${jsonencode([for queue in aws_sqs_queue.work : queue.redrive_policy])}."
  }
  assert {
    condition = { for role, queue in aws_sqs_queue.dead_letter : role => jsondecode(queue.redrive_allow_policy) } == {
      start      = { redrivePermission = "byQueue", sourceQueueArns = ["arn:aws:sqs:eu-west-1:111122223333:shop-start"] }
      event      = { redrivePermission = "byQueue", sourceQueueArns = ["arn:aws:sqs:eu-west-1:111122223333:shop-event"] }
      stream     = { redrivePermission = "denyAll" }
      statistics = { redrivePermission = "denyAll" }
      target     = { redrivePermission = "denyAll" }
    }
    error_message = "Dead-letter queues admit ${jsonencode([for queue in aws_sqs_queue.dead_letter : queue.redrive_allow_policy])}."
  }
  assert {
    condition     = alltrue([for queue in aws_sqs_queue.work : queue.visibility_timeout_seconds == 60 && queue.message_retention_seconds == 345600])
    error_message = "Messages being worked on must be hidden for six times the functions' timeout, and kept for four days."
  }
  assert {
    condition     = alltrue([for queue in aws_sqs_queue.dead_letter : queue.message_retention_seconds == 1209600])
    error_message = "Dead letters must be kept for 14 days."
  }

  # Queues admit this bus's rules and nothing unencrypted.
  assert {
    condition = jsondecode(aws_sqs_queue.work["start"].policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "OnlyTheseRules"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = "arn:aws:sqs:eu-west-1:111122223333:shop-start"
          Condition = { ArnLike = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:111122223333:rule/shop/shop-*"] } }
        },
        {
          Sid       = "OnlyOverTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = "arn:aws:sqs:eu-west-1:111122223333:shop-start"
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ]
    }
    error_message = "The start queue's policy is ${aws_sqs_queue.work["start"].policy}"
  }
  assert {
    condition = jsondecode(aws_sqs_queue.work["event"].policy).Statement[0].Condition == {
      ArnLike = {
        "aws:SourceArn" = [
          "arn:aws:events:eu-west-1:111122223333:rule/shop/shop-*",
          "arn:aws:events:eu-west-1:111122223333:rule/shop-journey-ended",
          "arn:aws:events:eu-west-1:111122223333:rule/shop-sweep",
          "arn:aws:events:eu-west-1:111122223333:rule/shop-watch",
        ]
      }
    }
    error_message = "The event queue's policy is ${aws_sqs_queue.work["event"].policy}"
  }
  assert {
    condition = (
      jsondecode(aws_sqs_queue.dead_letter["target"].policy).Statement[0].Condition
      == jsondecode(aws_sqs_queue.work["event"].policy).Statement[0].Condition
    )
    error_message = "Undeliverable events of every rule must be let in; the policy is ${aws_sqs_queue.dead_letter["target"].policy}"
  }
  assert {
    condition = alltrue([
      for role in ["start", "event", "stream", "statistics"] :
      [for statement in jsondecode(aws_sqs_queue.dead_letter[role].policy).Statement : statement.Sid] == ["OnlyOverTls"]
    ])
    error_message = "Only SQS and Lambda put messages on the other dead-letter queues."
  }
  assert {
    condition = alltrue(concat(
      [for role, queue in aws_sqs_queue.work : jsondecode(queue.policy).Statement[1].Resource == queue.arn],
      [for role, queue in aws_sqs_queue.dead_letter : reverse(jsondecode(queue.policy).Statement)[0].Resource == queue.arn],
    ))
    error_message = "A queue's policy names another queue."
  }
  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.work), values(aws_sqs_queue.dead_letter)) : queue.sqs_managed_sse_enabled])
    error_message = "Every queue must be encrypted."
  }

  # The functions get the code, the layer and the environment that the interfaces promise, and no VPC.
  assert {
    condition = { for role, function in aws_lambda_function.this : function.function_name => [function.handler, function.role] } == {
      shop-start      = ["choreography_insights.runtime.start.handler", "arn:aws:iam::111122223333:role/shop-start"]
      shop-resume     = ["choreography_insights.runtime.resume.handler", "arn:aws:iam::111122223333:role/shop-resume"]
      shop-statistics = ["choreography_insights.insights.statistics.handler", "arn:aws:iam::111122223333:role/shop-statistics"]
      shop-insights   = ["choreography_insights.insights.widget.handler", "arn:aws:iam::111122223333:role/shop-insights"]
    }
    error_message = "Handlers and roles are ${jsonencode([for function in aws_lambda_function.this : [function.handler, function.role]])}."
  }
  assert {
    condition = alltrue([
      for role in ["start", "resume"] : one(aws_lambda_function.this[role].environment).variables == tomap({
        JOURNEYS_TABLE               = "shop-journeys"
        START_QUEUE_URL              = "https://sqs/shop-start"
        EVENT_QUEUE_URL              = "https://sqs/shop-event"
        EVENT_BUS_NAME               = "shop"
        POWERTOOLS_SERVICE_NAME      = "shop"
        POWERTOOLS_METRICS_NAMESPACE = "ChoreographyInsights"
        POWERTOOLS_LOG_LEVEL         = "INFO"
        METRICS_DETAIL               = "per_choreography"
        STATE_MACHINE_ARN_PREFIX     = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-"
        VISIBILITY_TIMEOUT_SECONDS   = "60"
      }) if contains(["start", "resume"], role)
    ])
    error_message = "The environment is ${jsonencode(one(aws_lambda_function.this["start"].environment).variables)}."
  }
  assert {
    condition = one(aws_lambda_function.this["statistics"].environment).variables == tomap({
      JOURNEYS_TABLE          = "shop-journeys"
      POWERTOOLS_SERVICE_NAME = "shop"
      POWERTOOLS_LOG_LEVEL    = "INFO"
    })
    error_message = "The statistics function's environment is ${jsonencode(one(aws_lambda_function.this["statistics"].environment).variables)}."
  }
  assert {
    condition = one(aws_lambda_function.this["insights"].environment).variables == tomap({
      JOURNEYS_TABLE           = "shop-journeys"
      POWERTOOLS_SERVICE_NAME  = "shop"
      POWERTOOLS_LOG_LEVEL     = "INFO"
      STATE_MACHINE_ARN_PREFIX = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-"
    })
    error_message = "The environment is ${jsonencode(one(aws_lambda_function.this["insights"].environment).variables)}."
  }
  assert {
    condition = alltrue([
      for function in aws_lambda_function.this :
      function.runtime == "python3.13" && function.architectures == tolist(["arm64"]) && function.filename == "tests/terraform/stands-for-the-zip" &&
      function.layers == tolist(["arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:27"])
    ])
    error_message = "The functions must run tests/terraform/stands-for-the-zip on Python 3.13, arm64, with Powertools."
  }
  assert {
    condition     = { for role, function in aws_lambda_function.this : role => function.timeout } == { start = 10, resume = 10, statistics = 300, insights = 30 }
    error_message = "A function that hangs must end soon, as its events are tried again only then."
  }
  assert {
    condition     = [aws_lambda_function.this["insights"].memory_size, aws_lambda_function.this["insights"].timeout] == [1769, 30]
    error_message = "Somebody waits for what is shown: it has a whole processor, and the time that it needs."
  }
  assert {
    condition     = [output.insights_function_name, output.insights_function_arn] == ["shop-insights", "arn:aws:lambda:eu-west-1:111122223333:function:shop-insights"]
    error_message = "What shows journeys is told as ${output.insights_function_name}, ${output.insights_function_arn}."
  }
  assert {
    condition = [for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [widget.x, widget.y, widget.width, widget.properties] if widget.type == "custom"] == [
      [0, 4, 24, {
        title    = "Where journeys are"
        endpoint = "arn:aws:lambda:eu-west-1:111122223333:function:shop-insights"
        params   = { view = "overview" }
        updateOn = { refresh = true, resize = true, timeRange = true }
      }],
    ]
    error_message = "The dashboard is ${aws_cloudwatch_dashboard.this.dashboard_body}."
  }
  assert {
    condition = { for role, config in aws_lambda_function_recursion_config.this : config.function_name => config.recursive_loop } == {
      shop-start  = "Allow"
      shop-resume = "Allow"
    }
    error_message = "Lambda would take messages that look again for an endless loop, and cut it."
  }
  assert {
    condition     = { for role, group in aws_cloudwatch_log_group.function : role => [group.name, group.retention_in_days] } == { for role in ["start", "resume", "statistics", "insights"] : role => ["/aws/lambda/shop-${role}", 30] }
    error_message = "Log groups are ${jsonencode([for group in aws_cloudwatch_log_group.function : group.name])}."
  }
  assert {
    condition = alltrue([
      for function in aws_lambda_function.this :
      function.source_code_hash == filebase64sha256("tests/terraform/stands-for-the-zip") && function.s3_bucket == null && function.reserved_concurrent_executions == -1
    ])
    error_message = "Functions have ${jsonencode([for function in aws_lambda_function.this : [function.source_code_hash, function.reserved_concurrent_executions]])}."
  }
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : length(function.vpc_config) == 0])
    error_message = "Nobody asked for a VPC."
  }

  # Each function reads its own queue and names only what failed.
  assert {
    condition = { for role, mapping in aws_lambda_event_source_mapping.queue : mapping.event_source_arn => mapping.function_name } == {
      "arn:aws:sqs:eu-west-1:111122223333:shop-start" = "arn:aws:lambda:eu-west-1:111122223333:function:shop-start"
      "arn:aws:sqs:eu-west-1:111122223333:shop-event" = "arn:aws:lambda:eu-west-1:111122223333:function:shop-resume"
    }
    error_message = "Mappings are ${jsonencode([for mapping in aws_lambda_event_source_mapping.queue : [mapping.event_source_arn, mapping.function_name]])}."
  }
  assert {
    condition = alltrue([
      for mapping in aws_lambda_event_source_mapping.queue :
      mapping.batch_size == 10 && mapping.function_response_types == toset(["ReportBatchItemFailures"]) && one(mapping.scaling_config).maximum_concurrency == 50
    ])
    error_message = "Batches of ten, partial failures and a limit of concurrency are promised."
  }

  # The stream's records are counted in their order, a minute of them at once, whatever fails and however long.
  assert {
    condition = (
      aws_lambda_event_source_mapping.statistics.event_source_arn == "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys/stream/now"
      && aws_lambda_event_source_mapping.statistics.function_name == "arn:aws:lambda:eu-west-1:111122223333:function:shop-statistics"
      && aws_lambda_event_source_mapping.statistics.batch_size == 2500
      && aws_lambda_event_source_mapping.statistics.maximum_batching_window_in_seconds == 60
      && aws_lambda_event_source_mapping.statistics.tumbling_window_in_seconds == 900
      && aws_lambda_event_source_mapping.statistics.starting_position == "TRIM_HORIZON"
      && aws_lambda_event_source_mapping.statistics.maximum_retry_attempts == -1
      && aws_lambda_event_source_mapping.statistics.maximum_record_age_in_seconds == 82800
      && aws_lambda_event_source_mapping.statistics.bisect_batch_on_function_error != true
      && aws_lambda_event_source_mapping.statistics.parallelization_factor != 10
      && one(one(aws_lambda_event_source_mapping.statistics.destination_config).on_failure).destination_arn == "arn:aws:sqs:eu-west-1:111122223333:shop-statistics-dead-letter"
    )
    error_message = "The statistics function's mapping is ${jsonencode(aws_lambda_event_source_mapping.statistics)}."
  }
  assert {
    condition = toset([for filter in one(aws_lambda_event_source_mapping.statistics.filter_criteria).filter : filter.pattern]) == toset([
      jsonencode({ dynamodb = { Keys = { item = { S = [{ prefix = "EVENT#" }] } }, OldImage = { status = { S = ["CLAIMED", "STARTING", "FAILING", "REPORTING"] } }, NewImage = { status = { S = ["DONE", "REPORTED"] } } } }),
      jsonencode({ dynamodb = { Keys = { item = { S = ["JOURNEY"] } }, NewImage = { since = { S = [{ exists = true }] } } } }),
      jsonencode({ dynamodb = { Keys = { item = { S = ["JOURNEY"] } }, NewImage = { endedAt = { N = [{ exists = true }] } } } }),
      jsonencode({ dynamodb = { Keys = { journey = { S = ["#pictures"] } }, NewImage = { version = { S = [{ exists = true }] } } } }),
    ])
    error_message = "The filters are ${jsonencode(one(aws_lambda_event_source_mapping.statistics.filter_criteria).filter)}."
  }

  # The stream calls only for journeys with early events and for waits of items, and sets bad records aside.
  assert {
    condition = toset([for filter in one(aws_lambda_event_source_mapping.stream.filter_criteria).filter : filter.pattern]) == toset([
      jsonencode({
        dynamodb = {
          Keys     = { item = { S = ["JOURNEY"] } }
          NewImage = { kept = { SS = [{ exists = true }] } }
        }
      }),
      jsonencode({
        dynamodb = {
          Keys     = { item = { S = [{ prefix = "WAIT#" }] } }
          NewImage = { wait = { M = { t = { S = [{ exists = true }] } } } }
        }
      }),
    ])
    error_message = "The filters are ${jsonencode(one(aws_lambda_event_source_mapping.stream.filter_criteria).filter)}."
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.stream.event_source_arn == "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys/stream/now"
      && aws_lambda_event_source_mapping.stream.function_name == "arn:aws:lambda:eu-west-1:111122223333:function:shop-resume"
    )
    error_message = "The stream of the table must call the resume function."
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.stream.bisect_batch_on_function_error
      && aws_lambda_event_source_mapping.stream.maximum_retry_attempts == 10
      && aws_lambda_event_source_mapping.stream.maximum_record_age_in_seconds == 3600
      && aws_lambda_event_source_mapping.stream.parallelization_factor == 10
      && aws_lambda_event_source_mapping.stream.starting_position == "TRIM_HORIZON"
      && aws_lambda_event_source_mapping.stream.function_response_types == toset(["ReportBatchItemFailures"])
    )
    error_message = "A bad record must not hold up its shard."
  }
  assert {
    condition     = one(one(aws_lambda_event_source_mapping.stream.destination_config).on_failure).destination_arn == "arn:aws:sqs:eu-west-1:111122223333:shop-stream-dead-letter"
    error_message = "Bad records go to ${one(one(aws_lambda_event_source_mapping.stream.destination_config).on_failure).destination_arn}."
  }

  # Word to look for what is due comes by schedule, and an index of many shards finds it.
  assert {
    condition = { for name, rule in aws_cloudwatch_event_rule.schedule : name => [rule.event_bus_name, rule.name, rule.schedule_expression] } == {
      sweep = ["default", "shop-sweep", "rate(1 minute)"]
      watch = ["default", "shop-watch", "rate(5 minutes)"]
    }
    error_message = "Schedules are ${jsonencode([for rule in aws_cloudwatch_event_rule.schedule : [rule.name, rule.schedule_expression]])}."
  }
  assert {
    condition = { for name, target in aws_cloudwatch_event_target.schedule : target.rule => [
      target.event_bus_name, target.arn, target.input, one(target.retry_policy).maximum_event_age_in_seconds, one(target.dead_letter_config).arn,
      ] } == {
      shop-sweep = ["default", "arn:aws:sqs:eu-west-1:111122223333:shop-event", "{\"sweep\":\"due\"}", 60, "arn:aws:sqs:eu-west-1:111122223333:shop-target-dead-letter"]
      shop-watch = ["default", "arn:aws:sqs:eu-west-1:111122223333:shop-event", "{\"watch\":\"overdue\"}", 300, "arn:aws:sqs:eu-west-1:111122223333:shop-target-dead-letter"]
    }
    error_message = "The words go as ${jsonencode([for target in aws_cloudwatch_event_target.schedule : [target.rule, target.input, target.arn]])}."
  }
  assert {
    condition = { for index in aws_dynamodb_table.journeys.global_secondary_index : index.name => [
      index.hash_key, index.range_key, index.projection_type, jsonencode(index.non_key_attributes)
      ] } == {
      due        = ["dueShard", "dueAt", "INCLUDE", "[\"execution\"]"]
      waiting    = ["at", "since", "KEYS_ONLY", "null"]
      deviations = ["deviatedIn", "deviatedAt", "INCLUDE", "[\"deviation\",\"name\",\"time\"]"]
    }
    error_message = "The indexes are ${jsonencode(aws_dynamodb_table.journeys.global_secondary_index)}."
  }
  assert {
    condition = { for one in aws_dynamodb_table.journeys.attribute : one.name => one.type } == {
      journey = "S", item = "S", dueShard = "S", dueAt = "N", at = "S", since = "S", deviatedIn = "S", deviatedAt = "N"
    }
    error_message = "The attributes are ${jsonencode(aws_dynamodb_table.journeys.attribute)}."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["overdue"].period == 600 && aws_cloudwatch_metric_alarm.this["overdue"].statistic == "Maximum"
    error_message = "What is counted every five minutes must be looked at over more than that."
  }

  # Ends of journeys come from the default bus to the event queue.
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.journey_ended.event_pattern) == {
      source      = ["aws.states"]
      detail-type = ["Step Functions Execution Status Change"]
      detail = {
        stateMachineArn = [{ prefix = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-" }]
        status          = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
      }
    }
    error_message = "The pattern is ${aws_cloudwatch_event_rule.journey_ended.event_pattern}."
  }
  assert {
    condition = (
      aws_cloudwatch_event_rule.journey_ended.name == "shop-journey-ended"
      && aws_cloudwatch_event_rule.journey_ended.event_bus_name == "default"
      && aws_cloudwatch_event_target.journey_ended.arn == "arn:aws:sqs:eu-west-1:111122223333:shop-event"
      && one(aws_cloudwatch_event_target.journey_ended.dead_letter_config).arn == "arn:aws:sqs:eu-west-1:111122223333:shop-target-dead-letter"
    )
    error_message = "The rule ${aws_cloudwatch_event_rule.journey_ended.name} sends to ${aws_cloudwatch_event_target.journey_ended.arn}."
  }

  # The start function may start, the resume function may answer, and neither may more.
  assert {
    condition = { for role in ["start", "resume"] : role => slice(jsondecode(aws_iam_role_policy.function[role].policy).Statement, 0, 4) } == {
      for role, queue in { start = "start", resume = "event" } : role => [
        {
          Sid      = "ReadTheQueue", Effect = "Allow"
          Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
          Resource = "arn:aws:sqs:eu-west-1:111122223333:shop-${queue}"
        },
        {
          Sid      = "Log", Effect = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-${role}:*"
        },
        {
          Sid      = "Journeys", Effect = "Allow"
          Action   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
          Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys"
        },
        {
          Sid      = "LookAgainLater", Effect = "Allow", Action = "sqs:SendMessage"
          Resource = ["arn:aws:sqs:eu-west-1:111122223333:shop-event", "arn:aws:sqs:eu-west-1:111122223333:shop-start"]
        },
      ]
    }
    error_message = "Policies are ${jsonencode([for function in aws_iam_role_policy.function : function.policy])}"
  }
  assert {
    condition = { for role in ["start", "resume", "statistics"] : role => [
      for number, statement in jsondecode(aws_iam_role_policy.function[role].policy).Statement :
      [statement.Sid, statement.Effect, statement.Action, statement.Resource, try(statement.Condition, null)] if number >= (role == "statistics" ? 0 : 4)
      ] } == {
      start = [
        ["BeginJourneys", "Allow", "states:StartExecution", "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-*", null],
        ["AskForJourneys", "Allow", "states:DescribeExecution", "arn:aws:states:eu-west-1:111122223333:execution:shop-*:*", null],
      ]
      resume = [
        ["MoveJourneysOn", "Allow", ["states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"], "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-*", null],
        ["AskForJourneys", "Allow", ["states:DescribeExecution", "states:GetExecutionHistory"], "arn:aws:states:eu-west-1:111122223333:execution:shop-*:*", null],
        ["ReadAndTakeWaits", "Allow", ["dynamodb:DeleteItem", "dynamodb:Query"], "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys", null],
        ["FindWhatIsDue", "Allow", "dynamodb:Query", "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys/index/due", null],
        ["Report", "Allow", "events:PutEvents", "arn:aws:events:eu-west-1:111122223333:event-bus/shop", { StringEquals = { "events:source" = "choreography.insights" } }],
        [
          "ReadTheStream", "Allow", ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
          "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys/stream/now", null,
        ],
        ["SetBadRecordsAside", "Allow", "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:shop-stream-dead-letter", null],
      ]
      statistics = [
        ["Log", "Allow", ["logs:CreateLogStream", "logs:PutLogEvents"], "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-statistics:*", null],
        ["Look", "Allow", ["dynamodb:GetItem", "dynamodb:Query"], "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys", null],
        [
          "CountAndKeepPictures", "Allow", "dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys",
          { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["#counts#*", "#pictures"] } },
        ],
        [
          "ReadTheStream", "Allow", ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
          "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys/stream/now", null,
        ],
        ["SetBadRecordsAside", "Allow", "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:shop-statistics-dead-letter", null],
      ]
    }
    error_message = "Policies are ${jsonencode([for function in aws_iam_role_policy.function : function.policy])}"
  }
  # What shows journeys reads them, and does nothing else.
  assert {
    condition = jsondecode(aws_iam_role_policy.function["insights"].policy).Statement == [
      {
        Sid      = "Log", Effect = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-insights:*"
      },
      {
        Sid      = "ReadJourneys", Effect = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
        Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys"
      },
      {
        Sid = "FindJourneys", Effect = "Allow", Action = "dynamodb:Query"
        Resource = [
          "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys/index/waiting",
          "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys/index/deviations",
        ]
      },
    ]
    error_message = "The policy is ${aws_iam_role_policy.function["insights"].policy}"
  }
  assert {
    condition = alltrue([
      for role in aws_iam_role.function : jsondecode(role.assume_role_policy).Statement == [
        { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" },
      ]
    ])
    error_message = "Only Lambda may take the roles."
  }

  # Nothing is traced.
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(function.tracing_config).mode == "PassThrough"]) && !output.tracing && jsondecode(aws_ssm_parameter.outputs.insecure_value).tracing == false
    error_message = "The functions are traced, which costs."
  }

  # Alarms watch what is lost, late or wrong.
  assert {
    condition = { for subject, alarm in aws_cloudwatch_metric_alarm.this : subject => [alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.threshold] if alarm.metric_name != null } == {
      start-dead-letters         = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", tomap({ QueueName = "shop-start-dead-letter" }), 1]
      event-dead-letters         = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", tomap({ QueueName = "shop-event-dead-letter" }), 1]
      stream-dead-letters        = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", tomap({ QueueName = "shop-stream-dead-letter" }), 1]
      statistics-dead-letters    = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", tomap({ QueueName = "shop-statistics-dead-letter" }), 1]
      target-dead-letters        = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", tomap({ QueueName = "shop-target-dead-letter" }), 1]
      start-queue-age            = ["AWS/SQS", "ApproximateAgeOfOldestMessage", tomap({ QueueName = "shop-start" }), 300]
      event-queue-age            = ["AWS/SQS", "ApproximateAgeOfOldestMessage", tomap({ QueueName = "shop-event" }), 300]
      start-function-errors      = ["AWS/Lambda", "Errors", tomap({ FunctionName = "shop-start" }), 1]
      resume-function-errors     = ["AWS/Lambda", "Errors", tomap({ FunctionName = "shop-resume" }), 1]
      statistics-function-errors = ["AWS/Lambda", "Errors", tomap({ FunctionName = "shop-statistics" }), 1]

      start-function-throttles      = ["AWS/Lambda", "Throttles", tomap({ FunctionName = "shop-start" }), 1]
      resume-function-throttles     = ["AWS/Lambda", "Throttles", tomap({ FunctionName = "shop-resume" }), 1]
      statistics-function-throttles = ["AWS/Lambda", "Throttles", tomap({ FunctionName = "shop-statistics" }), 1]
      start-recursive-drops         = ["AWS/Lambda", "RecursiveInvocationsDropped", tomap({ FunctionName = "shop-start" }), 1]
      resume-recursive-drops        = ["AWS/Lambda", "RecursiveInvocationsDropped", tomap({ FunctionName = "shop-resume" }), 1]

      stream-iterator-age     = ["AWS/Lambda", "IteratorAge", tomap({ FunctionName = "shop-resume" }), 300000]
      statistics-iterator-age = ["AWS/Lambda", "IteratorAge", tomap({ FunctionName = "shop-statistics" }), 3600000]
      transition-throttles    = ["AWS/States", "ThrottledEvents", tomap({ ServiceMetric = "StateTransition" }), 1]
      deviations              = ["ChoreographyInsights", "Deviations", tomap({ service = "shop" }), 1]
      overdue                 = ["ChoreographyInsights", "JourneysOverdue", tomap({ service = "shop" }), 1]
      timed-out               = ["ChoreographyInsights", "JourneysTimedOut", tomap({ service = "shop" }), 1]
    }
    error_message = "Alarms are ${jsonencode({ for subject, alarm in aws_cloudwatch_metric_alarm.this : subject => [alarm.metric_name, alarm.dimensions, alarm.threshold] })}."
  }
  assert {
    condition = { for subject, alarm in aws_cloudwatch_metric_alarm.this : subject => concat([alarm.threshold], [for query in alarm.metric_query : query.expression if query.return_data == true]) if alarm.metric_name == null } == {
      rule-failures     = [1, "SELECT SUM(FailedInvocations) FROM SCHEMA(\"AWS/Events\", EventBusName, RuleName) WHERE EventBusName = 'shop'"]
      rule-losses       = [1, "SELECT SUM(InvocationsFailedToBeSentToDlq) FROM SCHEMA(\"AWS/Events\", EventBusName, RuleName) WHERE EventBusName = 'shop'"]
      own-rule-failures = [1, "FILL(ended, 0) + FILL(sweep, 0) + FILL(watch, 0)"]
      own-rule-losses   = [1, "FILL(ended, 0) + FILL(sweep, 0) + FILL(watch, 0)"]
      open-executions   = [80, "100 * open / limit"]
    }
    error_message = "Alarms are ${jsonencode({ for subject, alarm in aws_cloudwatch_metric_alarm.this : subject => alarm.metric_query if alarm.metric_name == null })}."
  }
  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.this["own-rule-losses"].metric_query : query.id => [one(query.metric).namespace, one(query.metric).metric_name, one(query.metric).dimensions]
      if length(query.metric) > 0
      } == {
      ended = ["AWS/Events", "InvocationsFailedToBeSentToDlq", tomap({ RuleName = "shop-journey-ended" })]
      sweep = ["AWS/Events", "InvocationsFailedToBeSentToDlq", tomap({ RuleName = "shop-sweep" })]
      watch = ["AWS/Events", "InvocationsFailedToBeSentToDlq", tomap({ RuleName = "shop-watch" })]
    }
    error_message = "It looks at ${jsonencode(aws_cloudwatch_metric_alarm.this["own-rule-losses"].metric_query)}."
  }

  # Saved queries look at the functions' logs.
  assert {
    condition     = [for query in aws_cloudwatch_query_definition.this : query.name] == ["shop/deviations", "shop/deviations-by-event", "shop/failures", "shop/overdue", "shop/slowest-states", "shop/story-of-one-entity"]
    error_message = "Queries are ${jsonencode([for query in aws_cloudwatch_query_definition.this : query.name])}."
  }
  assert {
    condition     = alltrue([for query in aws_cloudwatch_query_definition.this : toset(query.log_group_names) == toset([for role in ["start", "resume", "statistics", "insights"] : "/aws/lambda/shop-${role}"])])
    error_message = "A query looks elsewhere."
  }

  # One parameter says all that a choreography in another state needs.
  assert {
    condition = jsondecode(aws_ssm_parameter.outputs.insecure_value) == {
      name_prefix                  = "shop"
      event_bus_name               = "shop"
      event_bus_arn                = "arn:aws:events:eu-west-1:111122223333:event-bus/shop"
      console_url                  = "https://eu-west-1.console.aws.amazon.com"
      state_machine_arn_prefix     = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-"
      journeys_table_name          = "shop-journeys"
      journeys_table_arn           = "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys"
      start_queue_arn              = "arn:aws:sqs:eu-west-1:111122223333:shop-start"
      event_queue_arn              = "arn:aws:sqs:eu-west-1:111122223333:shop-event"
      target_dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:111122223333:shop-target-dead-letter"
      kms_key_arn                  = null
      log_retention_days           = 30
      metrics_namespace            = "ChoreographyInsights"
      metrics_detail               = "per_choreography"
      runbook_url                  = "docs/operations-and-design/operations.md"
      tracing                      = false
    }
    error_message = "The parameter says ${aws_ssm_parameter.outputs.insecure_value}"
  }
  assert {
    condition = (
      output.start_queue_arn == "arn:aws:sqs:eu-west-1:111122223333:shop-start"
      && output.event_queue_arn == "arn:aws:sqs:eu-west-1:111122223333:shop-event"
      && output.target_dead_letter_queue_arn == "arn:aws:sqs:eu-west-1:111122223333:shop-target-dead-letter"
      && output.journeys_table_arn == "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys"
      && output.dead_letter_queue_urls.stream == "https://sqs/shop-stream-dead-letter"
      && output.queue_urls.event == "https://sqs/shop-event"
      && output.parameter_name == "/choreography-insights/shop"
    )
    error_message = "An output names another resource."
  }
}

run "as_the_house_wants_it" {
  module { source = "./modules/insights" }
  variables {
    deletion_protection    = false
    point_in_time_recovery = false
    maximum_concurrency    = null
    function_memory_mb     = 1024
    vpc                    = { subnet_ids = ["subnet-a", "subnet-b"], security_group_ids = ["sg-a"] }
    tracing                = true
    kms_key_arn            = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    metrics_namespace      = "Shop"
    metrics_detail         = "per_state"
    runbook_url            = "https://wiki.example.com/shop"
    alarm_topic_arn        = "arn:aws:sns:eu-west-1:111122223333:on-call"
    alarm_thresholds       = { deviations = 10, throttles = 5, queue_age_seconds = 60, iterator_age_seconds = 30 }
    tags                   = { team = "shop" }
    iam_role = {
      path                     = "/platform/"
      name_prefix              = "svc-"
      permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
    }
  }

  # Protection can be turned off, for trying things out.
  assert {
    condition     = !aws_dynamodb_table.journeys.deletion_protection_enabled && !one(aws_dynamodb_table.journeys.point_in_time_recovery).enabled
    error_message = "The table is still protected."
  }

  # Without a limit of concurrency only the account's own is left.
  assert {
    condition     = alltrue([for mapping in aws_lambda_event_source_mapping.queue : length(mapping.scaling_config) == 0])
    error_message = "There is still a limit."
  }

  # In a VPC Lambda may connect the functions, and their code may not.
  assert {
    condition = alltrue([
      for function in aws_lambda_function.this :
      one(function.vpc_config).subnet_ids == toset(["subnet-a", "subnet-b"]) && one(function.vpc_config).security_group_ids == toset(["sg-a"])
    ])
    error_message = "The functions are in ${jsonencode([for function in aws_lambda_function.this : function.vpc_config])}."
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.function["start"].policy).Statement : statement if strcontains(jsonencode(statement.Action), "ec2:")] == [
      {
        Sid    = "FindTheNetwork", Effect = "Allow", Resource = "*"
        Action = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
      },
      {
        Sid = "ConnectToTheNetwork", Effect = "Allow"
        Resource = [
          "arn:aws:ec2:eu-west-1:111122223333:*/*",
          "arn:aws:ec2:eu-west-1:*:subnet/subnet-a",
          "arn:aws:ec2:eu-west-1:*:subnet/subnet-b",
          "arn:aws:ec2:eu-west-1:*:security-group/sg-a",
        ]
        Action = [
          "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
          "ec2:UnassignPrivateIpAddresses",
        ]
      },
      {
        Sid = "NotTheFunctionsCode", Effect = "Deny", Resource = "*"
        Action = [
          "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
        ]
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = "arn:aws:lambda:eu-west-1:111122223333:function:shop-start" } }
      },
    ]
    error_message = "Start's policy is ${aws_iam_role_policy.function["start"].policy}"
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.function["resume"].policy, "\"lambda:SourceFunctionArn\":\"arn:aws:lambda:eu-west-1:111122223333:function:shop-resume\"")
    error_message = "Resume's policy is ${aws_iam_role_policy.function["resume"].policy}"
  }

  # Roles take the path, name and boundary of the house.
  assert {
    condition = { for role, resource in aws_iam_role.function : role => [resource.path, resource.name, resource.permissions_boundary] } == {
      for role in ["start", "resume", "statistics", "insights"] : role => ["/platform/", "svc-shop-${role}", "arn:aws:iam::111122223333:policy/boundary"]
    }
    error_message = "Roles are ${jsonencode([for role in aws_iam_role.function : [role.path, role.name, role.permissions_boundary]])}."
  }

  # The functions are traced, and choreographies are told to be.
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(function.tracing_config).mode == "Active"]) && output.tracing
    error_message = "The functions are not traced."
  }
  assert {
    condition = alltrue([
      for policy in aws_iam_role_policy.function : contains(jsondecode(policy.policy).Statement, {
        Sid    = "Trace", Effect = "Allow", Resource = "*"
        Action = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      })
    ])
    error_message = "Start's policy is ${aws_iam_role_policy.function["start"].policy}"
  }

  # An own key encrypts everything, and the functions may use it.
  assert {
    condition = (
      one(aws_dynamodb_table.journeys.server_side_encryption).kms_key_arn == var.kms_key_arn
      && aws_cloudwatch_event_bus.this[0].kms_key_identifier == var.kms_key_arn
      && alltrue([for queue in concat(values(aws_sqs_queue.work), values(aws_sqs_queue.dead_letter)) : queue.kms_master_key_id == var.kms_key_arn])
      && alltrue([for group in aws_cloudwatch_log_group.function : group.kms_key_id == var.kms_key_arn])
      && output.kms_key_arn == var.kms_key_arn
    )
    error_message = "Something is encrypted with another key."
  }
  assert {
    condition = alltrue([
      for role, policy in aws_iam_role_policy.function : reverse(jsondecode(policy.policy).Statement)[0] == {
        Sid      = "UseTheKey", Effect = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource = var.kms_key_arn
        Condition = {
          StringLike = { "kms:ViaService" = [
            for service in { insights = ["dynamodb"], statistics = ["dynamodb", "sqs"], start = ["dynamodb", "sqs", "states"], resume = ["dynamodb", "sqs", "states"] }[role] : "${service}.eu-west-1.*"
          ] }
        }
      }
    ])
    error_message = "Start's policy is ${aws_iam_role_policy.function["start"].policy}"
  }

  # The topic is told.
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this :
      alarm.alarm_actions == toset([var.alarm_topic_arn]) && alarm.ok_actions == toset([var.alarm_topic_arn]) && alarm.treat_missing_data == "notBreaching"
    ])
    error_message = "The topic must be told, and silence is no alarm."
  }

  # How fine metrics are, the functions and choreographies are told.
  assert {
    condition = (
      alltrue([for role in ["start", "resume"] : one(aws_lambda_function.this[role].environment).variables.METRICS_DETAIL == "per_state"])
      && output.metrics_detail == "per_state" && jsondecode(aws_ssm_parameter.outputs.insecure_value).metrics_detail == "per_state"
    )
    error_message = "The functions are told ${one(aws_lambda_function.this["start"].environment).variables.METRICS_DETAIL}."
  }

  # What on-call is shown fits. What is on the dashboard, and that it all exists, is tested in tests/observability.
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["event-queue-age"].alarm_description == "Events wait too long on shop-event: the function is throttled, failing or too slow. What to do: https://wiki.example.com/shop#event-queue-age"
    error_message = "The alarm says: ${aws_cloudwatch_metric_alarm.this["event-queue-age"].alarm_description}"
  }
  assert {
    condition = (
      [for subject in ["deviations", "resume-function-throttles", "event-queue-age", "stream-iterator-age"] : aws_cloudwatch_metric_alarm.this[subject].threshold]
      == [10, 5, 60, 30000]
    )
    error_message = "Thresholds are ${jsonencode({ for subject, alarm in aws_cloudwatch_metric_alarm.this : subject => alarm.threshold })}."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["deviations"].namespace == "Shop" && !strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "ChoreographyInsights")
    error_message = "Something looks for metrics outside of Shop."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "FILL(start_time, 0) * 1 + FILL(statistics_time, 0) * 1) / 1000 * 0.0000133334")
    error_message = "The estimate of costs must reckon with 1 GB."
  }

  # Everything is tagged.
  assert {
    condition = alltrue([
      for tags in [
        aws_dynamodb_table.journeys.tags, aws_sqs_queue.work["start"].tags, aws_sqs_queue.dead_letter["target"].tags,
        aws_lambda_function.this["start"].tags, aws_iam_role.function["resume"].tags, aws_cloudwatch_event_bus.this[0].tags,
        aws_cloudwatch_log_group.function["start"].tags, aws_cloudwatch_metric_alarm.this["deviations"].tags,
        aws_lambda_event_source_mapping.stream.tags, aws_cloudwatch_event_rule.journey_ended.tags, aws_ssm_parameter.outputs.tags,
      ] : tags == tomap({ choreography-insights = "shop", team = "shop" })
    ])
    error_message = "Something is not tagged."
  }
}

run "on_the_default_bus_with_code_in_s3" {
  command = plan
  module { source = "./modules/insights" }
  variables {
    event_bus_name           = "default"
    lambda_zip               = null
    lambda_s3_object         = { bucket = "shop-functions", key = "choreography/1.0.0.zip", version_id = "v1" }
    function_memory_mb       = 1024
    function_timeout_seconds = 20
    queue                    = { visibility_timeout_seconds = 120 }
    maximum_concurrency      = 100
    reserved_concurrency     = 100
    powertools_layer_arn     = "arn:aws:lambda:eu-west-1:111122223333:layer:powertools:3"
  }

  # Rules of the default bus are admitted by their shorter ARN.
  assert {
    condition     = length(aws_cloudwatch_event_bus.this) == 0 && output.event_bus_name == "default" && output.event_bus_arn == "arn:aws:events:eu-west-1:111122223333:event-bus/default"
    error_message = "An existing bus must be used, not made; got ${output.event_bus_arn}."
  }
  assert {
    condition = jsondecode(aws_sqs_queue.work["start"].policy).Statement[0].Condition == {
      ArnLike = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:111122223333:rule/shop-*"] }
    }
    error_message = "The start queue's policy is ${aws_sqs_queue.work["start"].policy}"
  }

  # Of the default bus all rules are asked about, for want of a way to tell ours.
  assert {
    condition = (
      one(aws_cloudwatch_metric_alarm.this["rule-losses"].metric_query).expression
      == "SELECT SUM(InvocationsFailedToBeSentToDlq) FROM SCHEMA(\"AWS/Events\", RuleName)"
    )
    error_message = "It asks ${one(aws_cloudwatch_metric_alarm.this["rule-losses"].metric_query).expression}."
  }

  # The code is the object, and memory, timeout and concurrency are the user's.
  assert {
    condition = alltrue([
      for function in aws_lambda_function.this :
      [function.s3_bucket, function.s3_key, function.s3_object_version] == ["shop-functions", "choreography/1.0.0.zip", "v1"] && function.filename == null
    ])
    error_message = "The code is ${jsonencode([for function in aws_lambda_function.this : [function.filename, function.s3_bucket, function.s3_key]])}."
  }
  assert {
    condition = alltrue([
      for role, function in aws_lambda_function.this :
      [function.memory_size, function.timeout, function.reserved_concurrent_executions] == lookup({ insights = [1769, 30, -1], statistics = [1024, 300, -1] }, role, [1024, 20, 100]) && function.layers == tolist(["arn:aws:lambda:eu-west-1:111122223333:layer:powertools:3"])
    ])
    error_message = "Functions have ${jsonencode([for function in aws_lambda_function.this : [function.memory_size, function.timeout, function.reserved_concurrent_executions, function.layers]])}."
  }
}

run "in_china_arns_links_and_the_layer_are_those_of_beijing" {
  command = plan
  module { source = "./modules/insights" }
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }
  override_data {
    target = data.aws_service.states
    values = { region = "cn-north-1" }
  }

  assert {
    condition     = output.state_machine_arn_prefix == "arn:aws-cn:states:cn-north-1:111122223333:stateMachine:shop-"
    error_message = "The prefix is ${output.state_machine_arn_prefix}."
  }
  assert {
    condition     = output.console_url == "https://cn-north-1.console.amazonaws.cn"
    error_message = "The console is at ${output.console_url}."
  }
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.layers == tolist(["arn:aws-cn:lambda:cn-north-1:498634801083:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:27"])])
    error_message = "Layers are ${jsonencode([for function in aws_lambda_function.this : function.layers])}."
  }
}

run "in_govcloud_links_and_the_layer_are_those_of_its_region" {
  command = plan
  module { source = "./modules/insights" }
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov" }
  }
  override_data {
    target = data.aws_service.states
    values = { region = "us-gov-east-1" }
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.layers == tolist(["arn:aws-us-gov:lambda:us-gov-east-1:165087284144:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:27"])])
    error_message = "Layers are ${jsonencode([for function in aws_lambda_function.this : function.layers])}."
  }
  assert {
    condition     = output.console_url == "https://us-gov-east-1.console.amazonaws-us-gov.com"
    error_message = "The console is at ${output.console_url}."
  }
}

run "refuses_a_region_without_a_public_layer_unless_a_layer_is_named" {
  command = plan
  module { source = "./modules/insights" }
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }
  override_data {
    target = data.aws_service.states
    values = { region = "cn-northwest-1" }
  }
  expect_failures = [aws_lambda_function.this]
}

run "refuses_a_plan_without_the_zip_and_says_how_to_build_it" {
  command = plan
  module { source = "./modules/insights" }
  variables { lambda_zip = "nowhere/functions.zip" }
  expect_failures = [aws_lambda_function.this]
}

run "refuses_another_name_for_what_journeys_run_with" {
  command = plan
  module { source = "./modules/insights" }
  variables { name_prefix = "shop-two" }
  expect_failures = [aws_dynamodb_table.journeys]
}

# All at once; a variable that can be wrong in several ways is wrong in another one in each of the runs that follow.
run "refuses_what_aws_would_refuse" {
  command = plan
  module { source = "./modules/insights" }
  variables {
    name_prefix              = "Shop_"
    event_bus_name           = "arn:aws:events:eu-west-1:111122223333:event-bus/shop"
    powertools_layer_arn     = "arn:aws:lambda:eu-west-1:017000801446:layer:NoVersion"
    function_timeout_seconds = 901
    function_memory_mb       = 64
    maximum_concurrency      = 1
    kms_key_arn              = "arn:aws:kms:eu-west-1:111122223333:alias/aws/sqs"
    log_level                = "LOUD"
    log_retention_days       = 31
    metrics_namespace        = "AWS/SQS"
    metrics_detail           = "everything"
    alarm_topic_arn          = "on-call"
    alarm_thresholds         = { queue_age_seconds = 0 }
    runbook_url              = "docs/operations-and-design/operations.md#deviations"
    queue                    = { visibility_timeout_seconds = 43200 }
    lambda_s3_object         = { bucket = "s3://functions", key = "1.zip" }
    vpc                      = { subnet_ids = ["subnet-a"], security_group_ids = [] }
    iam_role                 = { path = "platform" }
  }
  expect_failures = [
    var.name_prefix,
    var.event_bus_name,
    var.powertools_layer_arn,
    var.function_timeout_seconds,
    var.function_memory_mb,
    var.maximum_concurrency,
    var.kms_key_arn,
    var.log_level,
    var.log_retention_days,
    var.metrics_namespace,
    var.metrics_detail,
    var.alarm_topic_arn,
    var.alarm_thresholds,
    var.lambda_s3_object,
    var.vpc,
    var.iam_role,
    var.runbook_url,
  ]
}

run "refuses_a_long_name_a_function_that_outlives_its_message_s_lease_and_few_reserved_instances" {
  command = plan
  module { source = "./modules/insights" }
  variables {
    name_prefix              = "a-shop-with-a-very-very-long-name"
    function_timeout_seconds = 60 # six times that is more than a lease
    maximum_concurrency      = 50
    reserved_concurrency     = 49
    alarm_thresholds         = { open_executions = 101 } # per cent of the quota
    iam_role                 = { name_prefix = "more-than-twenty-characters" }
    lambda_s3_object         = { bucket = "shop-functions", key = "1.0.0.zip" } # beside a file
  }
  expect_failures = [
    var.name_prefix,
    var.queue,
    var.reserved_concurrency,
    var.alarm_thresholds,
    var.iam_role,
    var.lambda_zip,
  ]
}

run "refuses_messages_that_are_hardly_tried_and_a_boundary_that_is_no_policy" {
  command = plan
  module { source = "./modules/insights" }
  variables {
    queue    = { max_receive_count = 4 }
    iam_role = { permissions_boundary_arn = "arn:aws:iam::111122223333:role/boundary" }
  }
  expect_failures = [var.queue, var.iam_role]
}

run "refuses_a_lease_of_half_seconds" {
  command = plan
  module { source = "./modules/insights" }
  variables { queue = { visibility_timeout_seconds = 60.5 } }
  expect_failures = [var.queue]
}

run "refuses_dead_letters_kept_for_longer_than_sqs_can" {
  command = plan
  module { source = "./modules/insights" }
  variables { queue = { dead_letter_retention_days = 15 } }
  expect_failures = [var.queue]
}

run "refuses_messages_smaller_than_events_may_be" {
  command = plan
  module { source = "./modules/insights" }
  variables { queue = { max_message_bytes = 65536 } }
  expect_failures = [var.queue]
}
