# What test_least_privilege.py reads: the policies of a whole deployment, as `terraform test -json -verbose` tells them.
# Names and ARNs are those of the AWS in memory (tests/fake_aws), whose calls are held against the policies.

mock_provider "aws" {
  source = "./tests/terraform/mocks/aws"

  override_resource {
    target = module.insights.aws_cloudwatch_event_bus.this
    values = { arn = "arn:aws:events:eu-west-1:111122223333:event-bus/tests" }
  }
  override_resource {
    target = module.insights.aws_dynamodb_table.journeys
    values = {
      arn        = "arn:aws:dynamodb:eu-west-1:111122223333:table/journeys"
      stream_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/journeys/stream/2026"
    }
  }
  override_resource {
    target = module.insights.aws_sqs_queue.work["start"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:tests-start" }
  }
  override_resource {
    target = module.insights.aws_sqs_queue.work["event"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:tests-event" }
  }
  override_resource {
    target = module.insights.aws_sqs_queue.dead_letter["stream"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:tests-stream-dead-letter" }
  }
  override_resource {
    target = module.insights.aws_sqs_queue.dead_letter["statistics"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:tests-statistics-dead-letter" }
  }
  override_resource {
    target = module.insights.aws_sqs_queue.dead_letter["target"]
    values = { arn = "arn:aws:sqs:eu-west-1:111122223333:tests-target-dead-letter" }
  }
  override_resource {
    target = module.insights.aws_cloudwatch_log_group.function["start"]
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/tests-start" }
  }
  override_resource {
    target = module.insights.aws_cloudwatch_log_group.function["resume"]
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/tests-resume" }
  }
  override_resource {
    target = module.insights.aws_cloudwatch_log_group.function["statistics"]
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/tests-statistics" }
  }
  override_resource {
    target = module.insights.aws_cloudwatch_log_group.function["insights"]
    values = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/tests-insights" }
  }
}

variables {
  name_prefix = "tests"
  lambda_zip  = "tests/terraform/stands-for-the-zip"
  choreographies = {
    order = { workflow = "examples/order/order" }
  }
  simulation         = true
  simulation_sources = ["order"]
}

run "one_choreography" {
}

run "with_a_key_in_a_vpc_and_traced" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    tracing     = true
    vpc         = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }
}

run "ten_choreographies" {
  variables {
    choreographies = { for number in range(10) : "orde${number}" => {
      definition   = "examples/order/order/definition.asl.json"
      start_events = [{ pattern = "{}", events = ["Order Placed"] }]
      events       = [{ pattern = "{}", events = ["Order Confirmed"] }]
    } }
  }
}
