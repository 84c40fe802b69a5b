mock_provider "aws" {
  source = "./tests/terraform/mocks/aws"

  override_resource {
    target = aws_iam_role.this
    values = { arn = "arn:aws:iam::111122223333:role/shop_simulation" }
  }
}

variables {
  insights = {
    name_prefix              = "shop"
    event_bus_name           = "shop-bus"
    event_bus_arn            = "arn:aws:events:eu-west-1:111122223333:event-bus/shop-bus"
    state_machine_arn_prefix = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-"
  }
}

run "it_publishes_on_the_bus_and_nowhere_else_one_event_after_the_other_after_waiting" {
  module { source = "./modules/simulation" }

  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.this.definition).States.EachEvent.MaxConcurrency == 1
      && jsondecode(aws_sfn_state_machine.this.definition).States.EachEvent.ItemProcessor.States.Wait.SecondsPath == "$.pause.seconds"
    )
    error_message = "The definition is ${aws_sfn_state_machine.this.definition}"
  }
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.this.definition).States.EachEvent.ItemProcessor.States.Publish.Resource == "arn:aws:states:::events:putEvents"
      && jsondecode(aws_sfn_state_machine.this.definition).States.EachEvent.ItemProcessor.States.Publish.Parameters.Entries == [{
        EventBusName   = "shop-bus"
        "Source.$"     = "$.source"
        "DetailType.$" = "$.detailType"
        "Detail.$"     = "$.detail"
      }]
    )
    error_message = "The definition is ${aws_sfn_state_machine.this.definition}"
  }
  assert {
    condition     = aws_sfn_state_machine.this.role_arn == "arn:aws:iam::111122223333:role/shop_simulation"
    error_message = "The role is ${aws_sfn_state_machine.this.role_arn}."
  }

  # Its name keeps it out of what the functions watch.
  assert {
    condition     = aws_sfn_state_machine.this.name == "shop_simulation"
    error_message = "The name is ${aws_sfn_state_machine.this.name}; shop-... would be taken for a choreography."
  }

  # It may publish on the bus and nowhere else.
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement[0] == {
      Sid      = "Publish"
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = "arn:aws:events:eu-west-1:111122223333:event-bus/shop-bus"
    }
    error_message = "The policy is ${aws_iam_role_policy.this.policy}"
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid] == ["Publish", "Log"]
    error_message = "The policy is ${aws_iam_role_policy.this.policy}"
  }
}

run "its_sources_can_be_limited_and_its_role_takes_the_path_name_and_boundary_of_the_house" {
  command = plan
  module { source = "./modules/simulation" }
  variables {
    allowed_sources = ["order", "car"]
    iam_role        = { path = "/platform/", name_prefix = "svc-", permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary" }
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[0].Condition == { StringEquals = { "events:source" = ["car", "order"] } }
    error_message = "The policy is ${aws_iam_role_policy.this.policy}"
  }
  assert {
    condition = (
      [aws_iam_role.this.path, aws_iam_role.this.name, aws_iam_role.this.permissions_boundary]
      == ["/platform/", "svc-shop_simulation", "arn:aws:iam::111122223333:policy/boundary"]
    )
    error_message = "The role is ${aws_iam_role.this.path}${aws_iam_role.this.name}."
  }
}

run "refuses_to_speak_for_aws_and_a_role_path_without_slashes" {
  command = plan
  module { source = "./modules/simulation" }
  variables {
    allowed_sources = ["aws.states"]
    iam_role        = { path = "platform" }
  }
  expect_failures = [var.allowed_sources, var.iam_role]
}

run "refuses_a_role_prefix_that_leaves_no_room_for_the_name" {
  command = plan
  module { source = "./modules/simulation" }
  variables { iam_role = { name_prefix = "more-than-twenty-characters" } }
  expect_failures = [var.iam_role]
}

run "refuses_a_boundary_that_is_no_policy" {
  command = plan
  module { source = "./modules/simulation" }
  variables { iam_role = { permissions_boundary_arn = "boundary" } }
  expect_failures = [var.iam_role]
}
