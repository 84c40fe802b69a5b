# What a choreography and its role are called, and that this stays so while journeys run. Here, as in the other file the
# first run has made one already: what is called otherwise is another choreography.

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

run "names_that_are_too_long_for_rules_are_cut_and_stay_unique" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow     = null
    name         = "parcels-sent-around-the-world-in-eighty-days"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    start_events = [{ pattern = "{\"source\":[\"parcel\"]}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{\"source\":[\"parcel\"]}", events = ["Parcel Delivered"] }]
    insights = merge(var.insights, {
      name_prefix              = "a-shop-with-a-long-name"
      state_machine_arn_prefix = "arn:aws:states:eu-west-1:111122223333:stateMachine:a-shop-with-a-long-name-"
    })
  }

  assert {
    condition     = aws_sfn_state_machine.this.name == "a-shop-with-a-long-name-parcels-sent-around-the-world-in-eighty-days"
    error_message = "The state machine is ${aws_sfn_state_machine.this.name}; there is room for its whole name."
  }
  assert {
    condition = alltrue([
      for name in concat([for rule in aws_cloudwatch_event_rule.this : rule.name], [aws_iam_role.this.name]) :
      length(name) <= 64 && startswith(name, "a-shop-with-a-long-name-parcels-sent-around-t-${substr(sha256(aws_sfn_state_machine.this.name), 0, 8)}-")
    ])
    error_message = "Names are ${jsonencode([for rule in aws_cloudwatch_event_rule.this : rule.name])}."
  }
}

run "the_role_takes_the_path_name_and_boundary_of_the_house" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    iam_role = {
      path                     = "/teams/parcels/"
      name_prefix              = "svc-"
      permissions_boundary_arn = "arn:aws:iam::111122223333:policy/teams/boundary"
    }
  }

  assert {
    condition = (
      [aws_iam_role.this.path, aws_iam_role.this.name, aws_iam_role.this.permissions_boundary]
      == ["/teams/parcels/", "svc-shop-parcel-journeys", "arn:aws:iam::111122223333:policy/teams/boundary"]
    )
    error_message = "The role is ${aws_iam_role.this.path}${aws_iam_role.this.name} within ${coalesce(aws_iam_role.this.permissions_boundary, "nothing")}."
  }
}

run "a_role_s_name_that_is_too_long_is_cut_behind_its_prefix" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow     = null
    name         = "parcels-sent-around-the-world-in-eighty-days"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    start_events = [{ pattern = "{}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{}", events = ["Parcel Delivered"] }]
    iam_role     = { name_prefix = "service-roles-of-" }
  }

  assert {
    condition     = aws_iam_role.this.name == "service-roles-of-shop-parcels-sent-around-the-${substr(sha256("shop-parcels-sent-around-the-world-in-eighty-days"), 0, 8)}-journeys"
    error_message = "The role is ${aws_iam_role.this.name}."
  }
}

run "of_events_that_begin_and_move_journeys_both_functions_are_told_which_are_theirs" {
  command = plan
  module { source = "./modules/choreography" }
  variables { workflow = "tests/definitions/good/one-name-for-all-events" }

  assert {
    condition = {
      for key, target in aws_cloudwatch_event_target.this : key => {
        for name, value in jsondecode(replace(one(target.input_transformer).input_template, "<aws.events.event.json>", "0")).choreography :
        name => jsonencode(value) if contains(["when", "unless", "remember"], name)
      }
      } == {
      start  = { when = "{\"status\":[\"PLACED\"]}", remember = "{\"total\":\"$.detail.total\"}" }
      events = { unless = "{\"status\":[\"PLACED\"]}" }
    }
    error_message = "Messages are ${jsonencode([for target in aws_cloudwatch_event_target.this : one(target.input_transformer).input_template])}."
  }
  assert {
    condition = { for key, rule in aws_cloudwatch_event_rule.this : key => jsondecode(rule.event_pattern)["detail-type"][0] } == {
      start  = "Order Status Changed"
      events = "Order Status Changed"
    }
    error_message = "Patterns are ${jsonencode([for rule in aws_cloudwatch_event_rule.this : rule.event_pattern])}."
  }
}

run "what_a_choreography_is_made_with" {
  module { source = "./modules/choreography" }
  variables { iam_role = { path = "/teams/parcels/", name_prefix = "svc-" } }

  assert {
    condition     = [aws_iam_role.this.path, aws_iam_role.this.name] == ["/teams/parcels/", "svc-shop-parcel-journeys"]
    error_message = "The role is ${aws_iam_role.this.path}${aws_iam_role.this.name}."
  }
}

run "the_role_that_journeys_run_with_stays_whatever_path_the_house_asks_for_later_and_the_plan_says_so" {
  module { source = "./modules/choreography" }
  variables { iam_role = { path = "/" } }
  expect_failures = [check.role]

  assert {
    condition     = [aws_iam_role.this.path, aws_iam_role.this.name] == ["/teams/parcels/", "svc-shop-parcel-journeys"]
    error_message = "The role became ${aws_iam_role.this.path}${aws_iam_role.this.name}."
  }
}

run "the_role_stays_whatever_its_name_shall_begin_with_later_and_its_boundary_changes_in_place" {
  command = plan
  module { source = "./modules/choreography" }
  variables { iam_role = { path = "/teams/parcels/", name_prefix = "house-", permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary" } }
  expect_failures = [check.role]

  assert {
    condition = (
      [aws_iam_role.this.path, aws_iam_role.this.name, aws_iam_role.this.permissions_boundary]
      == ["/teams/parcels/", "svc-shop-parcel-journeys", "arn:aws:iam::111122223333:policy/boundary"]
    )
    error_message = "The role became ${aws_iam_role.this.path}${aws_iam_role.this.name}."
  }
}

run "refuses_a_new_name_for_a_choreography_whose_journeys_run" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    workflow     = null
    name         = "package"
    definition   = "tests/terraform/choreographies/parcel/definition.asl.json"
    start_events = [{ pattern = "{}", events = ["Parcel Sent"] }]
    events       = [{ pattern = "{}", events = ["Parcel Delivered"] }]
    iam_role     = { path = "/teams/parcels/", name_prefix = "svc-" }
  }
  expect_failures = [aws_sfn_state_machine.this, check.role]
}

run "refuses_to_move_a_choreography_whose_journeys_run_to_other_insights" {
  command = plan
  module { source = "./modules/choreography" }
  variables {
    iam_role = { path = "/teams/parcels/", name_prefix = "svc-" }
    insights = merge(var.insights, {
      name_prefix              = "market"
      state_machine_arn_prefix = "arn:aws:states:eu-west-1:111122223333:stateMachine:market-"
    })
  }
  expect_failures = [aws_sfn_state_machine.this, check.role]
}
