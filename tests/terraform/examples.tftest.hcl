# Every example can be planned as it stands. They run the real zip: build it first.

mock_provider "aws" {
  source = "./tests/terraform/mocks/aws"
}

run "the_order_can_be_planned" {
  command = plan
  module { source = "./examples/order" }

  assert {
    condition     = output.event_bus_name == "order-demo" && output.journeys_table_name == "order-demo-journeys"
    error_message = "The bus is ${output.event_bus_name}, the table ${output.journeys_table_name}."
  }
}

run "the_car_dealer_can_be_planned" {
  command = plan
  module { source = "./examples/car-dealer" }

  assert {
    condition     = output.event_bus_name == "car-dealer-demo" && output.journeys_table_name == "car-dealer-demo-journeys"
    error_message = "The bus is ${output.event_bus_name}, the table ${output.journeys_table_name}."
  }
}

run "events_of_aws_services_can_be_planned_on_the_default_bus" {
  command = plan
  module { source = "./examples/aws-events" }

  assert {
    condition     = output.event_bus_name == "default" && output.journeys_table_name == "ingest-demo-journeys"
    error_message = "The bus is ${output.event_bus_name}, the table ${output.journeys_table_name}."
  }
}

run "events_of_a_partner_can_be_planned_on_the_partners_bus" {
  command = plan
  module { source = "./examples/partner-events" }

  assert {
    condition     = output.event_bus_name == "aws.partner/shopify.com/1234567/orders"
    error_message = "The bus is ${output.event_bus_name}."
  }
}

run "a_state_machine_written_by_hand_can_be_planned_without_a_workflow" {
  command = plan
  module { source = "./examples/hand-written" }

  assert {
    condition     = output.event_bus_name == "library-demo" && output.journeys_table_name == "library-demo-journeys"
    error_message = "The bus is ${output.event_bus_name}, the table ${output.journeys_table_name}."
  }
}

run "the_complete_example_can_be_planned_with_both_choreographies_on_one_bus" {
  command = plan
  module { source = "./examples/complete" }

  assert {
    condition     = keys(output.state_machine_arns) == ["car-dealer", "order"] && output.event_bus_name == "choreography-demo"
    error_message = "Choreographies are ${jsonencode(keys(output.state_machine_arns))} on ${output.event_bus_name}."
  }
}

run "refuses_an_order_in_a_region_that_is_none" {
  command = plan
  module { source = "./examples/order" }
  variables { region = "Ireland" }
  expect_failures = [var.region]
}

run "refuses_a_car_dealer_in_a_region_that_is_none" {
  command = plan
  module { source = "./examples/car-dealer" }
  variables { region = "Ireland" }
  expect_failures = [var.region]
}

run "refuses_a_state_machine_written_by_hand_in_a_region_that_is_none" {
  command = plan
  module { source = "./examples/hand-written" }
  variables { region = "Ireland" }
  expect_failures = [var.region]
}

run "refuses_the_complete_example_in_a_region_that_is_none" {
  command = plan
  module { source = "./examples/complete" }
  variables { region = "Ireland" }
  expect_failures = [var.region]
}

run "refuses_events_of_aws_services_in_a_region_that_is_none" {
  command = plan
  module { source = "./examples/aws-events" }
  variables { region = "Ireland" }
  expect_failures = [var.region]
}

run "refuses_events_of_a_partner_in_a_region_that_is_none" {
  command = plan
  module { source = "./examples/partner-events" }
  variables { region = "Ireland" }
  expect_failures = [var.region]
}
