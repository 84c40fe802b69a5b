# The root module: what it composes, and from what.

mock_provider "aws" {
  source = "./tests/terraform/mocks/aws"
}

variables {
  name_prefix = "shop"
  lambda_zip  = "tests/terraform/stands-for-the-zip"
  choreographies = {
    parcel = { workflow = "tests/terraform/choreographies/parcel", tags = { team = "parcels" } }
  }
}

run "each_choreography_gets_a_state_machine_on_the_one_bus" {
  command = plan

  assert {
    condition     = keys(output.state_machine_arns) == ["parcel"] && module.choreography["parcel"].state_machine_name == "shop-parcel"
    error_message = "Choreographies are ${jsonencode(keys(output.state_machine_arns))}."
  }
  assert {
    condition     = output.event_bus_name == "shop" && output.journeys_table_name == "shop-journeys" && output.parameter_name == "/choreography-insights/shop"
    error_message = "The bus is ${output.event_bus_name}, the table ${output.journeys_table_name}."
  }
  assert {
    condition     = output.simulation_state_machine_arn == null
    error_message = "Nobody asked for the simulation."
  }
}

run "the_simulation_is_there_if_asked_for" {
  command = apply
  variables { simulation = true }

  assert {
    condition     = output.simulation_state_machine_arn == "arn:aws:states:eu-west-1:111122223333:stateMachine:some-state-machine"
    error_message = "The simulation is ${coalesce(output.simulation_state_machine_arn, "not there")}."
  }
}

run "a_choreography_may_be_in_the_long_form" {
  command = plan
  variables {
    choreographies = {
      loan = {
        definition   = "examples/hand-written/loan.asl.json"
        start_events = [{ pattern = "{\"detail-type\":[\"Book Lent\"]}", events = ["Book Lent"] }]
        events       = [{ pattern = "{\"source\":[\"library\"]}", entity = "$.detail.loan", events = ["Book Returned"] }]
        enabled      = false
        logging      = { level = "ALL" }
      }
    }
  }

  assert {
    condition     = module.choreography["loan"].state_machine_name == "shop-loan" && module.choreography["loan"].log_group_name == "/aws/vendedlogs/states/shop-loan"
    error_message = "The state machine is ${module.choreography["loan"].state_machine_name}."
  }
}

run "refuses_a_key_that_is_not_the_choreography_s_name" {
  command = plan
  variables { choreographies = { package = { workflow = "tests/terraform/choreographies/parcel" } } }
  expect_failures = [var.choreographies]
}

run "refuses_names_that_aws_would_refuse" {
  command = plan
  variables {
    name_prefix    = "-shop"
    choreographies = { "1 parcel" = { workflow = "tests/terraform/choreographies/parcel" } }
  }
  expect_failures = [var.name_prefix, var.choreographies]
}
