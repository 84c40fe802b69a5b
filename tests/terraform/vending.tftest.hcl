# The example for platform teams: two states that know of each other through one parameter.

mock_provider "aws" {
  source = "./tests/terraform/mocks/aws"

  override_data {
    target = data.aws_ssm_parameter.insights
    values = {
      insecure_value = "{\"name_prefix\":\"vending-demo\",\"event_bus_name\":\"vending-demo\",\"console_url\":\"https://eu-west-1.console.aws.amazon.com\",\"state_machine_arn_prefix\":\"arn:aws:states:eu-west-1:111122223333:stateMachine:vending-demo-\",\"journeys_table_name\":\"vending-demo-journeys\",\"journeys_table_arn\":\"arn:aws:dynamodb:eu-west-1:111122223333:table/vending-demo-journeys\",\"start_queue_arn\":\"arn:aws:sqs:eu-west-1:111122223333:vending-demo-start\",\"event_queue_arn\":\"arn:aws:sqs:eu-west-1:111122223333:vending-demo-event\",\"target_dead_letter_queue_arn\":\"arn:aws:sqs:eu-west-1:111122223333:vending-demo-target-dead-letter\"}"
    }
  }
}

run "the_platform_can_be_planned" {
  command = plan
  module { source = "./examples/vending/platform" }

  assert {
    condition     = [output.parameter_name, output.event_bus_name, output.journeys_table_name] == ["/choreography-insights/vending-demo", "vending-demo", "vending-demo-journeys"]
    error_message = "The parameter is ${output.parameter_name}, the bus ${output.event_bus_name}."
  }
}

run "each_folder_of_a_team_becomes_a_choreography" {
  command = plan
  module { source = "./examples/vending/teams" }

  assert {
    condition     = data.aws_ssm_parameter.insights.name == "/choreography-insights/vending-demo"
    error_message = "The platform is looked for at ${data.aws_ssm_parameter.insights.name}."
  }
  assert {
    condition = { for name, choreography in module.choreography : name => choreography.state_machine_name } == {
      parcels-delivery      = "vending-demo-parcels-delivery"
      parcels-return        = "vending-demo-parcels-return"
      subscriptions-renewal = "vending-demo-subscriptions-renewal"
      subscriptions-signup  = "vending-demo-subscriptions-signup"
    }
    error_message = "Choreographies are ${jsonencode(keys(module.choreography))}."
  }

  # A team may look after its own journeys, whatever their number, and after no others.
  assert {
    condition = { for team, policy in aws_iam_policy.team : team => [policy.path, policy.name, policy.tags] } == {
      parcels       = ["/choreographies/parcels/", "vending-demo-parcels-journeys", tomap({ team = "parcels", cost-center = "4711", contact = "parcels@example.com" })]
      subscriptions = ["/choreographies/subscriptions/", "vending-demo-subscriptions-journeys", tomap({ team = "subscriptions", cost-center = "0815", contact = "subscriptions@example.com" })]
    }
    error_message = "Policies are ${jsonencode({ for team, policy in aws_iam_policy.team : team => [policy.path, policy.name, policy.tags] })}."
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_policy.team["parcels"].policy).Statement : [statement.Sid, statement.Resource]] == [
      ["FindJourneys", "arn:aws:states:eu-west-1:111122223333:stateMachine:vending-demo-parcels-*"],
      ["LookAfterJourneys", "arn:aws:states:eu-west-1:111122223333:execution:vending-demo-parcels-*:*"],
      ["SeeWhatJourneysWaitFor", "arn:aws:dynamodb:eu-west-1:111122223333:table/vending-demo-journeys"],
      ["ReadLogs", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/states/vending-demo-parcels-*:*"],
      ["ListStateMachines", "*"],
    ]
    error_message = "The policy is ${aws_iam_policy.team["parcels"].policy}"
  }
  assert {
    condition     = jsondecode(aws_iam_policy.team["parcels"].policy).Statement[2].Condition == { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["parcels-*"] } }
    error_message = "The policy is ${aws_iam_policy.team["parcels"].policy}"
  }
}

run "refuses_a_folder_without_choreographies" {
  command = plan
  module { source = "./examples/vending/teams" }
  variables { folder = "tests/terraform/teams/without-choreographies" }
  expect_failures = [var.folder]
}

run "refuses_choreographies_of_nobody" {
  command = plan
  module { source = "./examples/vending/teams" }
  variables { folder = "tests/terraform/teams/of-nobody" }
  expect_failures = [aws_iam_policy.team]
}

run "refuses_a_team_that_says_what_is_not_known" {
  command = plan
  module { source = "./examples/vending/teams" }
  variables { folder = "tests/terraform/teams/with-a-typo" }
  expect_failures = [aws_iam_policy.team]
}

run "refuses_a_team_whose_name_cannot_begin_names" {
  command = plan
  module { source = "./examples/vending/teams" }
  variables { folder = "tests/terraform/teams/with-an-odd-name" }
  expect_failures = [aws_iam_policy.team]
}

run "refuses_a_team_whose_journeys_another_could_see" {
  command = plan
  module { source = "./examples/vending/teams" }
  variables { folder = "tests/terraform/teams/eclipsed" }
  expect_failures = [aws_iam_policy.team]
}

run "refuses_to_pause_what_is_not_there_and_a_region_that_is_none" {
  command = plan
  module { source = "./examples/vending/teams" }
  variables {
    paused = ["parcels-lost"]
    region = "Ireland"
  }
  expect_failures = [var.paused, var.region]
}

run "refuses_a_platform_in_a_region_that_is_none" {
  command = plan
  module { source = "./examples/vending/platform" }
  variables { region = "Ireland" }
  expect_failures = [var.region]
}
