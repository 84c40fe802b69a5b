mock_provider "aws" {
  source = "./tests/terraform/mocks/aws"

  override_resource {
    target = aws_iam_role.this
    values = { arn = "arn:aws:iam::111122223333:role/shop-parcel-journeys" }
  }
  override_resource {
    target = aws_cloudwatch_log_group.this
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/states/shop-parcel" }
  }
  override_resource {
    target = aws_sfn_state_machine.this
    values = { arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-parcel" }
  }
}

variables {
  insights = {
    name_prefix                  = "shop"
    event_bus_name               = "shop-bus"
    event_bus_arn                = "arn:aws:events:eu-west-1:111122223333:event-bus/shop-bus"
    console_url                  = "https://eu-west-1.console.aws.amazon.com"
    state_machine_arn_prefix     = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-"
    journeys_table_name          = "shop-journeys"
    journeys_table_arn           = "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys"
    start_queue_arn              = "arn:aws:sqs:eu-west-1:111122223333:shop-start"
    event_queue_arn              = "arn:aws:sqs:eu-west-1:111122223333:shop-event"
    target_dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:111122223333:shop-target-dead-letter"
    log_retention_days           = 7
  }
  workflow = "tests/terraform/choreographies/parcel"
}

run "a_plan_knows_the_whole_message_before_anything_exists" {
  command = plan
  module { source = "./modules/choreography" }

  assert {
    condition = (
      jsondecode(replace(one(aws_cloudwatch_event_target.this["start"].input_transformer).input_template, "<aws.events.event.json>", "{}")).choreography.stateMachineArn
      == "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-parcel"
    )
    error_message = "The message is not known yet."
  }
}

run "as_it_is_with_a_workflow_and_nothing_else" {
  module { source = "./modules/choreography" }

  # The definition is filled with partition and table, and nothing else.
  assert {
    condition = jsondecode(aws_sfn_state_machine.this.definition) == {
      StartAt = "WaitForDelivery"
      States = {
        WaitForDelivery = {
          Type       = "Task"
          Resource   = "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken"
          Parameters = { TableName = "shop-journeys", Literal = "$${not.a.placeholder}" }
          Next       = "Delivered"
        }
        Delivered = { Type = "Succeed" }
      }
    }
    error_message = "The definition is ${aws_sfn_state_machine.this.definition}"
  }

  # The state machine is a standard one, named after prefix and choreography, and logs no payload.
  assert {
    condition     = [aws_sfn_state_machine.this.name, aws_sfn_state_machine.this.type] == ["shop-parcel", "STANDARD"]
    error_message = "The state machine is ${aws_sfn_state_machine.this.name}, ${aws_sfn_state_machine.this.type}."
  }
  assert {
    condition     = aws_sfn_state_machine.this.role_arn == "arn:aws:iam::111122223333:role/shop-parcel-journeys"
    error_message = "The role is ${aws_sfn_state_machine.this.role_arn}."
  }
  assert {
    condition = one(aws_sfn_state_machine.this.logging_configuration) == {
      level                  = "ERROR"
      include_execution_data = false
      log_destination        = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/states/shop-parcel:*"
    }
    error_message = "Logging is ${jsonencode(aws_sfn_state_machine.this.logging_configuration)}."
  }
  assert {
    condition     = [aws_cloudwatch_log_group.this.name, aws_cloudwatch_log_group.this.retention_in_days] == ["/aws/vendedlogs/states/shop-parcel", 7]
    error_message = "The log group is ${aws_cloudwatch_log_group.this.name}, kept ${aws_cloudwatch_log_group.this.retention_in_days} days."
  }
  assert {
    condition     = output.state_machine_arn == "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-parcel" && output.name == "parcel"
    error_message = "The outputs say ${output.name}, ${output.state_machine_arn}."
  }

  # Each entry becomes a rule on the bus that sends to the queue of its kind.
  assert {
    condition = { for key, rule in aws_cloudwatch_event_rule.this : key => [rule.name, rule.event_bus_name, jsondecode(rule.event_pattern)] } == {
      start    = ["shop-parcel-start", "shop-bus", { source = ["parcel"], detail-type = ["Parcel Sent"] }]
      events   = ["shop-parcel-events", "shop-bus", { source = ["parcel"], detail-type = [{ anything-but = ["Parcel Sent"] }] }]
      events-2 = ["shop-parcel-events-2", "shop-bus", { source = ["depot"] }]
    }
    error_message = "Rules are ${jsonencode({ for key, rule in aws_cloudwatch_event_rule.this : key => [rule.name, rule.event_pattern] })}."
  }
  assert {
    condition = { for key, target in aws_cloudwatch_event_target.this : key => [target.rule, target.event_bus_name, target.arn] } == {
      start    = ["shop-parcel-start", "shop-bus", "arn:aws:sqs:eu-west-1:111122223333:shop-start"]
      events   = ["shop-parcel-events", "shop-bus", "arn:aws:sqs:eu-west-1:111122223333:shop-event"]
      events-2 = ["shop-parcel-events-2", "shop-bus", "arn:aws:sqs:eu-west-1:111122223333:shop-event"]
    }
    error_message = "Targets are ${jsonencode({ for key, target in aws_cloudwatch_event_target.this : key => [target.rule, target.arn] })}."
  }
  assert {
    condition = alltrue([
      for target in aws_cloudwatch_event_target.this :
      one(target.dead_letter_config).arn == "arn:aws:sqs:eu-west-1:111122223333:shop-target-dead-letter"
      && one(target.retry_policy).maximum_event_age_in_seconds == 86400
      && one(target.retry_policy).maximum_retry_attempts == 185
    ])
    error_message = "What cannot be put on a queue must be tried for a day and then kept."
  }
  assert {
    condition     = alltrue([for rule in aws_cloudwatch_event_rule.this : rule.state == "ENABLED"])
    error_message = "Rules are ${jsonencode({ for key, rule in aws_cloudwatch_event_rule.this : key => rule.state })}."
  }

  # The message wraps the whole event with what the functions need to know.
  # To the character: EventBridge replaces <aws.events.event.json>, and takes any other <...> for a variable of its own.
  assert {
    condition = one(aws_cloudwatch_event_target.this["events"].input_transformer).input_template == join("", [
      "{\"choreography\":{",
      "\"earlySeconds\":60,",
      "\"entity\":\"$.detail.parcel.id\",",
      "\"events\":[\"Parcel Delivered\",\"Parcel \\u003clost\\u003e \\u0026 \\\"found\\\"\"],",
      "\"expectedSeconds\":172800,",
      "\"name\":\"parcel\",",
      "\"reads\":[\"$.detail.result\"],",
      "\"settleSeconds\":2,",
      "\"stateMachineArn\":\"arn:aws:states:eu-west-1:111122223333:stateMachine:shop-parcel\",",
      "\"time\":\"$.detail.at\",",
      "\"timeoutSeconds\":31536000,",
      "\"unexpected\":\"fail\"",
      "},\"event\":<aws.events.event.json>}",
    ])
    error_message = "The template is ${one(aws_cloudwatch_event_target.this["events"].input_transformer).input_template}"
  }
  assert {
    condition = jsondecode(replace(one(aws_cloudwatch_event_target.this["start"].input_transformer).input_template, "<aws.events.event.json>", "{\"id\":\"1\"}")) == {
      choreography = {
        name            = "parcel"
        stateMachineArn = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-parcel"
        entity          = "$.detail.id"
        time            = "$.time"
        events          = ["Parcel Sent"]
        earlySeconds    = 60
        settleSeconds   = 2
        unexpected      = "fail"
        timeoutSeconds  = 31536000
        expectedSeconds = 172800
        reads           = ["$.detail.result"]
      }
      event = { id = "1" }
    }
    error_message = "The template is ${one(aws_cloudwatch_event_target.this["start"].input_transformer).input_template}"
  }
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.this : try(length(one(target.input_transformer).input_paths), 0) == 0])
    error_message = "A path that an event lacks would make EventBridge drop the variable; there must be none."
  }

  # The role may write only the choreography's own journeys.
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Sid       = "WriteOwnJourneys"
        Effect    = "Allow"
        Action    = "dynamodb:UpdateItem"
        Resource  = "arn:aws:dynamodb:eu-west-1:111122223333:table/shop-journeys"
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["parcel#*"] } }
      },
      {
        Sid    = "Log"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
          "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
        ]
        Resource = "*"
      },
    ]
    error_message = "The policy is ${aws_iam_role_policy.this.policy}"
  }
  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-parcel" } }
    }]
    error_message = "The role trusts ${aws_iam_role.this.assume_role_policy}"
  }

  # Nothing is traced, and without a topic there are no alarms.
  assert {
    condition     = !one(aws_sfn_state_machine.this.tracing_configuration).enabled
    error_message = "Journeys are traced."
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 0
    error_message = "There are ${length(aws_cloudwatch_metric_alarm.this)} alarms that nobody asked for."
  }
}

run "the_picture_lies_in_the_table_with_its_version" {
  command = plan
  module { source = "./modules/choreography" }

  variables {
    workflow = "tests/terraform/choreographies/ids"
  }

  assert {
    condition = jsondecode(aws_dynamodb_table_item.picture[0].item) == {
      journey     = { S = "#pictures" }
      item        = { S = "parcel" }
      picture     = { B = base64gzip(file("tests/terraform/choreographies/ids/picture.json")) }
      version     = { S = jsondecode(file("tests/terraform/choreographies/ids/picture.json")).version }
      description = { S = jsondecode(file("tests/terraform/choreographies/ids/picture.json")).description }
    }
    error_message = "The picture's item is ${aws_dynamodb_table_item.picture[0].item}"
  }
  assert {
    condition     = [aws_dynamodb_table_item.picture[0].table_name, aws_dynamodb_table_item.picture[0].hash_key, aws_dynamodb_table_item.picture[0].range_key] == ["shop-journeys", "journey", "item"]
    error_message = "The picture must lie in the table of journeys."
  }
}

run "what_was_generated_before_there_were_pictures_has_none" {
  command = plan
  module { source = "./modules/choreography" }

  assert {
    condition     = length(aws_dynamodb_table_item.picture) == 0
    error_message = "There is no picture in tests/terraform/choreographies/parcel."
  }
}

run "the_long_form_may_have_a_picture_too" {
  command = plan
  module { source = "./modules/choreography" }

  variables {
    workflow     = null
    name         = "parcel"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    picture      = "examples/order/order/picture.json"
    start_events = [{ pattern = "{\"source\":[\"parcel\"]}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{\"source\":[\"parcel\"]}", events = ["Parcel Delivered"] }]
  }

  assert {
    condition     = jsondecode(aws_dynamodb_table_item.picture[0].item).item == { S = "parcel" }
    error_message = "The picture's item is ${aws_dynamodb_table_item.picture[0].item}"
  }
}

run "refuses_a_picture_that_says_no_version" {
  command = plan
  module { source = "./modules/choreography" }

  variables {
    workflow     = null
    name         = "parcel"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    picture      = "tests/terraform/choreographies/parcel/events.json"
    start_events = [{ pattern = "{\"source\":[\"parcel\"]}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{\"source\":[\"parcel\"]}", events = ["Parcel Delivered"] }]
  }
  expect_failures = [aws_dynamodb_table_item.picture]
}

run "refuses_a_picture_that_is_no_file" {
  command = plan
  module { source = "./modules/choreography" }

  variables {
    workflow     = null
    name         = "parcel"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    picture      = "nowhere.json"
    start_events = [{ pattern = "{\"source\":[\"parcel\"]}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{\"source\":[\"parcel\"]}", events = ["Parcel Delivered"] }]
  }
  expect_failures = [var.picture]
}

run "refuses_a_picture_beside_a_workflow" {
  command = plan
  module { source = "./modules/choreography" }

  variables {
    picture = "examples/order/order/picture.json"
  }
  expect_failures = [var.picture]
}

run "as_the_insights_and_the_team_want_it" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    insights        = merge(var.insights, { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1", tracing = true })
    alarm_topic_arn = "arn:aws:sns:eu-west-1:111122223333:parcels"
    logging         = { level = "ALL", retention_days = 90, group_name = "/aws/vendedlogs/parcels/journeys" }
    timeout_seconds = 3600
    drain           = true
  }

  # The insights' key encrypts the journeys' data, and the role may use it.
  assert {
    condition = one(aws_sfn_state_machine.this.encryption_configuration) == {
      type                              = "CUSTOMER_MANAGED_KMS_KEY"
      kms_key_id                        = "arn:aws:kms:eu-west-1:111122223333:key/1"
      kms_data_key_reuse_period_seconds = 300
    }
    error_message = "Encryption is ${jsonencode(aws_sfn_state_machine.this.encryption_configuration)}."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == "arn:aws:kms:eu-west-1:111122223333:key/1"
    error_message = "The log group is encrypted with another key."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "UseTheKey"] == ["arn:aws:kms:eu-west-1:111122223333:key/1"]
    error_message = "The policy is ${aws_iam_role_policy.this.policy}"
  }

  # Journeys are traced as the insights say.
  assert {
    condition     = one(aws_sfn_state_machine.this.tracing_configuration).enabled
    error_message = "Journeys are not traced."
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement if statement.Sid == "Trace"] == [{
      Sid    = "Trace"
      Effect = "Allow"
      Action = [
        "xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
      ]
      Resource = "*"
    }]
    error_message = "The policy is ${aws_iam_role_policy.this.policy}"
  }

  # Logs are the choreography's own.
  assert {
    condition     = [aws_cloudwatch_log_group.this.name, aws_cloudwatch_log_group.this.retention_in_days] == ["/aws/vendedlogs/parcels/journeys", 90]
    error_message = "The log group is ${aws_cloudwatch_log_group.this.name}, kept ${aws_cloudwatch_log_group.this.retention_in_days} days."
  }
  assert {
    condition = (
      one(aws_sfn_state_machine.this.logging_configuration).level == "ALL"
      && !one(aws_sfn_state_machine.this.logging_configuration).include_execution_data
    )
    error_message = "Logging is ${jsonencode(aws_sfn_state_machine.this.logging_configuration)}; payloads and tokens are logged on no level."
  }

  # A timeout replaces the definition's, and the functions are told.
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).TimeoutSeconds == 3600 && jsondecode(aws_sfn_state_machine.this.definition).StartAt == "WaitForDelivery"
    error_message = "The definition is ${aws_sfn_state_machine.this.definition}"
  }
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.this : strcontains(one(target.input_transformer).input_template, "\"timeoutSeconds\":3600,")])
    error_message = "The functions are told of another timeout."
  }

  # A choreography that drains begins no journey, and moves those that run.
  assert {
    condition     = { for key, rule in aws_cloudwatch_event_rule.this : key => rule.state } == { start = "DISABLED", events = "ENABLED", events-2 = "ENABLED" }
    error_message = "Rules are ${jsonencode({ for key, rule in aws_cloudwatch_event_rule.this : key => rule.state })}."
  }

  # A team that names a topic is told of its own choreography.
  assert {
    condition = { for subject, alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => [alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.statistic, alarm.period] } == {
      shop-parcel-deviations = ["ChoreographyInsights", "Deviations", tomap({ service = "shop", choreography = "parcel" }), "Sum", 60]
      shop-parcel-overdue    = ["ChoreographyInsights", "JourneysOverdue", tomap({ service = "shop", choreography = "parcel" }), "Maximum", 600]
      shop-parcel-timed-out  = ["AWS/States", "ExecutionsTimedOut", tomap({ StateMachineArn = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-parcel" }), "Sum", 60]
    }
    error_message = "Alarms are ${jsonencode({ for subject, alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => [alarm.metric_name, alarm.dimensions] })}."
  }
  assert {
    condition = alltrue([
      for subject, alarm in aws_cloudwatch_metric_alarm.this :
      alarm.alarm_actions == toset([var.alarm_topic_arn]) && alarm.ok_actions == toset([var.alarm_topic_arn]) && endswith(alarm.alarm_description, "docs/operations-and-design/operations.md#${subject}")
    ])
    error_message = "The team's topic must be told, and where to read what to do."
  }
}

run "paused_not_traced_and_not_counted_by_itself" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    insights        = merge(var.insights, { metrics_detail = "summary", tracing = true })
    alarm_topic_arn = "arn:aws:sns:eu-west-1:111122223333:parcels"
    enabled         = false
    tracing         = false
  }
  expect_failures = [check.alarms]

  # Only the rules rest: the state machine and its journeys stay.
  assert {
    condition     = { for key, rule in aws_cloudwatch_event_rule.this : key => rule.state } == { start = "DISABLED", events = "DISABLED", events-2 = "DISABLED" }
    error_message = "Rules are ${jsonencode({ for key, rule in aws_cloudwatch_event_rule.this : key => rule.state })}."
  }
  assert {
    condition     = aws_sfn_state_machine.this.name == "shop-parcel" && length(aws_cloudwatch_event_target.this) == 3
    error_message = "Pausing must take nothing away."
  }

  # Tracing can be its own.
  assert {
    condition     = !one(aws_sfn_state_machine.this.tracing_configuration).enabled
    error_message = "Journeys are traced."
  }
  assert {
    condition     = !contains([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid], "Trace")
    error_message = "What is not traced needs no permission to; the policy is ${aws_iam_role_policy.this.policy}"
  }

  # Only what Step Functions counts is told, and the plan says so.
  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["timed-out"]
    error_message = "Alarms are on ${jsonencode(keys(aws_cloudwatch_metric_alarm.this))}."
  }
}

run "the_long_form_takes_any_patterns_paths_and_policies" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow   = null
    name       = "parcel"
    definition = "tests/terraform/choreographies/parcel/definition.asl.json"

    start_events = [
      { pattern = "{\"source\":[\"web\"]}", entity = "$.detail.a", id = "$.detail.message", time = "$.detail.at", events = ["Sent"] },
      { pattern = "{\"source\":[\"shop\"]}", entity = "$.detail['parcel number']", events = ["Bought"], when = "{\"to\":[\"<sent>\"]}" },
    ]
    events = [
      { pattern = "{\"detail\":{\"kind\":[{\"prefix\":\"parcel\"}]}}", events = ["Delivered", "Weighed"], unless = "{\"to\":[\"<sent>\"]}", retired = ["Weighed"] },
      { pattern = "{\"source\":[\"a\"]}", entity = "$.resources_id", time = "$.detail['sent at'].utc", events = [] },
      { pattern = "{\"source\":[\"b\"]}", entity = "$.detail._0.Id", id = "$.detail['no'][0]", events = [] },
      { pattern = "{\"source\":[\"c\"]}", entity = "$.detail['Größe']['€']", events = [] },
    ]
    correlation = {
      early_seconds  = 600
      settle_seconds = 0
      unexpected     = "report"
      reads          = ["$.detail.kind"]

      expected_seconds = 3600
    }
    timeout_seconds = 86400
  }

  assert {
    condition = { for key, target in aws_cloudwatch_event_target.this : key => jsondecode(replace(one(target.input_transformer).input_template, "<aws.events.event.json>", "0")) } == {
      for key, own in {
        start    = { entity = "$.detail.a", id = "$.detail.message", time = "$.detail.at", events = ["Sent"] }
        start-2  = { entity = "$.detail['parcel number']", time = "$.time", events = ["Bought"], when = { to = ["<sent>"] } }
        events   = { entity = "$.detail.id", time = "$.time", events = ["Delivered", "Weighed"], unless = { to = ["<sent>"] }, retired = ["Weighed"] }
        events-2 = { entity = "$.resources_id", time = "$.detail['sent at'].utc", events = [] }
        events-3 = { entity = "$.detail._0.Id", id = "$.detail['no'][0]", time = "$.time", events = [] }
        events-4 = { entity = "$.detail['Größe']['€']", time = "$.time", events = [] }
        } : key => { event = 0, choreography = merge(own, {
          name           = "parcel", stateMachineArn = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-parcel"
          earlySeconds   = 600, settleSeconds = 0, unexpected = "report"
          timeoutSeconds = 86400, reads = ["$.detail.kind"], expectedSeconds = 3600
      }) }
    }
    error_message = "Messages are ${jsonencode([for target in aws_cloudwatch_event_target.this : one(target.input_transformer).input_template])}."
  }
  assert {
    condition     = { for key, rule in aws_cloudwatch_event_rule.this : key => jsondecode(rule.event_pattern).source[0] if !startswith(key, "events") } == { start = "web", start-2 = "shop" }
    error_message = "Patterns are ${jsonencode([for rule in aws_cloudwatch_event_rule.this : rule.event_pattern])}."
  }
  assert {
    condition = alltrue([
      strcontains(one(aws_cloudwatch_event_target.this["start-2"].input_transformer).input_template, "\"when\":{\"to\":[\"\\u003csent\\u003e\"]}"),
      strcontains(one(aws_cloudwatch_event_target.this["events"].input_transformer).input_template, "\"unless\":{\"to\":[\"\\u003csent\\u003e\"]}"),
    ])
    error_message = "Messages are ${jsonencode([for target in aws_cloudwatch_event_target.this : one(target.input_transformer).input_template])}."
  }
}

run "the_functions_are_told_of_the_timeout_that_a_state_machine_written_by_hand_has" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow     = null
    name         = "parcel"
    definition   = "tests/terraform/choreographies/within-a-day.asl.json"
    start_events = [{ pattern = "{}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{}", events = ["Parcel Delivered"] }]
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).TimeoutSeconds == 86400
    error_message = "The definition is ${aws_sfn_state_machine.this.definition}"
  }
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.this : strcontains(one(target.input_transformer).input_template, "\"timeoutSeconds\":86400,")])
    error_message = "The functions are told of another timeout."
  }
}

run "takes_what_was_generated_from_the_definition_as_it_is" {
  command = plan
  module { source = "./modules/choreography" }
  variables { workflow = "tests/terraform/choreographies/generated" }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).StartAt == "WaitForDelivery"
    error_message = "The definition is ${aws_sfn_state_machine.this.definition}"
  }
}

run "refuses_a_definition_that_is_not_a_state_machine" {
  command = plan
  module { source = "./modules/choreography" }
  variables { workflow = "tests/terraform/choreographies/not-a-state-machine" }
  expect_failures = [aws_sfn_state_machine.this]
}

run "refuses_what_was_generated_from_an_earlier_definition_and_says_how_to_generate_it" {
  command = plan
  module { source = "./modules/choreography" }
  variables { workflow = "tests/terraform/choreographies/stale" }
  expect_failures = [aws_sfn_state_machine.this]
}

run "says_where_ids_are_as_the_workflow_does" {
  command = plan
  module { source = "./modules/choreography" }

  variables { workflow = "tests/terraform/choreographies/ids" }

  assert {
    condition = {
      for key, target in aws_cloudwatch_event_target.this :
      key => jsondecode(replace(one(target.input_transformer).input_template, "<aws.events.event.json>", "{}")).choreography.entity
      } == {
      start  = ["$.account", "$.detail.findings[0].Id"]
      events = ["$.account", { path = "$.detail.object.key", like = "reports/{id}/*", fold = "case" }]
      events-2 = { entries = [
        { when = { score = [{ numeric = [">", 3] }] }, entity = ["$.account", "$.detail.Id"] },
        { entity = ["$.account", "$.detail.findings[0].Id"] },
      ] }
      events-3 = { as = "report", at = "$.detail.report" }
    }
    error_message = "Ids are looked for elsewhere."
  }
  assert {
    condition = {
      for key, target in aws_cloudwatch_event_target.this :
      key => try(jsondecode(replace(one(target.input_transformer).input_template, "<aws.events.event.json>", "{}")).choreography.id, "EventBridge's")
    } == { start = "$.detail.message", events = "EventBridge's", events-2 = "$.detail.message", events-3 = "$.detail.message" }
    error_message = "Ids of events are looked for elsewhere."
  }
  assert {
    condition = {
      for key, target in aws_cloudwatch_event_target.this :
      key => try(jsondecode(replace(one(target.input_transformer).input_template, "<aws.events.event.json>", "{}")).choreography.also, null)
    } == { start = null, events = { report = "$.detail.number" }, events-2 = null, events-3 = null }
    error_message = "Other names are looked for elsewhere."
  }
}

run "says_where_ids_are_in_the_long_form_too" {
  command = plan
  module { source = "./modules/choreography" }

  variables {
    workflow   = null
    name       = "parcel"
    definition = "tests/terraform/choreographies/ids/definition.asl.json"
    start_events = [{
      pattern = jsonencode({ source = ["scanner"] })
      entity  = "$.detail.findings[0].Id"
      also    = jsonencode({ report = "$.detail.number" })
      events  = ["Finding Imported"]
    }]
    events = [{
      pattern = jsonencode({ source = ["store"] })
      entity  = jsonencode({ path = "$.detail.object.key", like = "reports/{id}/*" })
      events  = ["Report Written"]
    }]
  }

  assert {
    condition = {
      for key, target in aws_cloudwatch_event_target.this :
      key => jsondecode(replace(one(target.input_transformer).input_template, "<aws.events.event.json>", "{}")).choreography.entity
      } == {
      start  = "$.detail.findings[0].Id"
      events = { path = "$.detail.object.key", like = "reports/{id}/*" }
    }
    error_message = "Ids are looked for elsewhere."
  }
  assert {
    condition     = jsondecode(replace(one(aws_cloudwatch_event_target.this["start"].input_transformer).input_template, "<aws.events.event.json>", "{}")).choreography.also == { report = "$.detail.number" }
    error_message = "Other names are looked for elsewhere."
  }
}

run "refuses_a_name_that_the_workflow_does_not_say" {
  command = plan
  module { source = "./modules/choreography" }
  variables { name = "package" }
  expect_failures = [aws_sfn_state_machine.this]
}

run "refuses_neither_workflow_nor_definition" {
  command = plan
  module { source = "./modules/choreography" }
  variables { workflow = null }
  expect_failures = [var.workflow]
}

run "refuses_a_workflow_beside_the_long_form" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    name         = "parcel"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    start_events = [{ pattern = "{}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{}", events = ["Parcel Delivered"] }]
  }
  expect_failures = [var.workflow]
}

run "refuses_a_definition_that_is_no_file" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow     = null
    name         = "parcel"
    definition   = "tests/terraform/choreographies/parcel"
    start_events = [{ pattern = "{}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{}", events = ["Parcel Delivered"] }]
  }
  expect_failures = [var.definition]
}

run "refuses_a_pattern_that_eventbridge_would_find_too_long" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow     = null
    name         = "parcel"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    start_events = [{ pattern = "{}", events = ["Parcel Sent"] }]
    events       = [{ pattern = jsonencode({ detail-type = [for number in range(200) : "Parcel ${number}"] }), events = ["Parcel Delivered"] }]
  }
  expect_failures = [aws_cloudwatch_event_rule.this]
}

run "refuses_a_message_that_eventbridge_would_find_too_long" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow     = null
    name         = "parcel"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    start_events = [{ pattern = "{}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{}", events = [for number in range(800) : "Parcel ${number}"] }]
  }
  expect_failures = [aws_cloudwatch_event_target.this]
}

# What can be wrong in several ways is wrong in another one in each of the runs that follow.
run "refuses_a_folder_without_a_definition_and_settings_that_aws_would_refuse" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow        = "tests/terraform/choreographies/without-definition"
    correlation     = { unexpected = "panic" }
    timeout_seconds = 31536001
    alarm_topic_arn = "parcels"
    logging         = { level = "INFO" }
    iam_role        = { path = "teams" }
  }
  expect_failures = [
    var.workflow,
    var.correlation,
    var.timeout_seconds,
    var.alarm_topic_arn,
    var.logging,
    var.iam_role,
  ]
}

run "refuses_a_folder_without_events_and_settings_that_aws_would_refuse" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow        = "tests/terraform/choreographies/without-events"
    correlation     = { early_seconds = 1, settle_seconds = 2 }
    timeout_seconds = 0.5
    logging         = { retention_days = 31 }
    iam_role        = { name_prefix = "more-than-twenty-characters" }
  }
  expect_failures = [var.workflow, var.correlation, var.timeout_seconds, var.logging, var.iam_role]
}

run "refuses_the_long_form_without_a_name_and_without_events" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow    = null
    definition  = "tests/terraform/choreographies/parcel/definition.asl.json"
    correlation = { expected_seconds = 0 }
    logging     = { group_name = "/parcels" } # it would fill the account's resource policy
    iam_role    = { permissions_boundary_arn = "boundary" }
  }
  expect_failures = [var.name, var.start_events, var.events, var.correlation, var.logging, var.iam_role]
}

run "refuses_a_name_that_cannot_begin_a_journey_s_key_and_patterns_that_are_no_objects" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow   = null
    name       = "par#cel"
    definition = "tests/terraform/choreographies/parcel/definition.asl.json"

    start_events = [{ pattern = "[]", events = ["Parcel Sent"] }]
    events       = [{ pattern = "[]", events = ["Parcel Delivered"] }]
  }
  expect_failures = [var.name, var.start_events, var.events]
}

run "refuses_entities_that_are_no_paths" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow   = null
    name       = "parcel"
    definition = "tests/terraform/choreographies/parcel/definition.asl.json"

    start_events = [{ pattern = "{}", entity = "detail.id", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{}", entity = "detail.id", events = ["Parcel Delivered"] }]
  }
  expect_failures = [var.start_events, var.events]
}

run "refuses_paths_that_the_functions_could_not_follow" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow   = null
    name       = "parcel"
    definition = "tests/terraform/choreographies/parcel/definition.asl.json"

    start_events = [{ pattern = "{}", time = "$.detail.items[*]", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{}", entity = "$.detail['a<b']", events = ["Parcel Delivered"] }]
  }
  expect_failures = [var.start_events, var.events]
}

run "refuses_other_names_that_are_no_object" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow   = null
    name       = "parcel"
    definition = "tests/terraform/choreographies/parcel/definition.asl.json"

    start_events = [{ pattern = "{}", events = ["Parcel Sent"], also = "$.detail.number" }]
    events       = [{ pattern = "{}", events = ["Parcel Changed"], also = "[]" }]
  }
  expect_failures = [var.start_events, var.events]
}

run "what_is_not_json_is_no_pattern_on_a_detail" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow   = null
    name       = "parcel"
    definition = "tests/terraform/choreographies/parcel/definition.asl.json"

    start_events = [{ pattern = "{}", events = ["Parcel Changed"], when = "[\"sent\"]" }]
    events       = [{ pattern = "{}", events = ["Parcel Changed"], unless = "sent" }]
  }
  expect_failures = [var.start_events, var.events]
}
