# A bus that is made together with what watches it.

mock_provider "aws" {
  source = "./tests/terraform/mocks/aws"
}

run "a_bus_made_in_the_same_root_is_known_in_the_first_plan" {
  command = plan
  module { source = "./tests/terraform/roots/own-bus" }

  assert {
    condition     = output.event_bus == { name = "shop-events", arn = "arn:aws:events:eu-west-1:111122223333:event-bus/shop-events" }
    error_message = "The bus is ${jsonencode(output.event_bus)}."
  }
}
