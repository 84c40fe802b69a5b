# Events on the bus -> queues, each wrapped with what the functions need to know of this choreography.
locals {
  # In the long form the workflow's part is empty, with a workflow the long form's.
  # Where the id is may be said by a path or by more than that; JSON is a form that all entries have in common.
  start_entries = concat([for entry in var.start_events : merge(entry, { entity = try(jsonencode(jsondecode(entry.entity)), jsonencode(entry.entity)) })], [for entry in try(local.generated.startEvents, []) : {
    pattern  = jsonencode(entry.pattern)
    entity   = jsonencode(entry.entity)
    id       = try(entry.id, null)
    also     = try(jsonencode(entry.also), null)
    time     = entry.time
    events   = entry.events
    remember = try(entry.remember, null)
    when     = try(jsonencode(entry.when), null)
    where    = try(jsonencode(entry.where), null)
    moves    = try(entry.moves, null)
  }])
  event_entries = concat([for entry in var.events : merge(entry, { entity = try(jsonencode(jsondecode(entry.entity)), jsonencode(entry.entity)) })], [for entry in try(local.generated.events, []) : {
    pattern = jsonencode(entry.pattern)
    entity  = jsonencode(entry.entity)
    id      = try(entry.id, null)
    also    = try(jsonencode(entry.also), null)
    time    = entry.time
    events  = entry.events
    unless  = try(jsonencode(entry.unless), null)
    where   = try(jsonencode(entry.where), null)
    retired = try(entry.retired, null)
  }])

  # start, start-2, start-3, ..., events, events-2, ...
  rules = merge(
    { for index, entry in local.start_entries : index == 0 ? "start" : "start-${index + 1}" => {
      entry       = entry
      queue_arn   = var.insights.start_queue_arn
      description = "Events that begin a journey of ${local.name}"
    } },
    { for index, entry in local.event_entries : index == 0 ? "events" : "events-${index + 1}" => {
      entry       = entry
      queue_arn   = var.insights.event_queue_arn
      description = "Events that move a journey of ${local.name} on"
    } },
  )

  # Static text around the event. jsonencode writes < and > of users' names as \u003c and \u003e, which is just what is
  # wanted: EventBridge would take a plain <...> for a variable of its own.
  messages = {
    for key, rule in local.rules : key => format(
      "{\"choreography\":%s,\"event\":<aws.events.event.json>}",
      jsonencode(merge(local.choreography, {
        entity = jsondecode(rule.entry.entity)
        time   = rule.entry.time
        events = rule.entry.events
        },
        { for name, path in { id = rule.entry.id } : name => path if path != null },
        { for name in ["remember", "retired", "moves"] : name => rule.entry[name] if try(rule.entry[name], null) != null },
        { for name in ["also", "where", "when", "unless"] : name => jsondecode(rule.entry[name]) if try(rule.entry[name], null) != null },
        { for name, seconds in { expectedSeconds = local.expected_seconds } : name => seconds if seconds != null },
      )),
    )
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name           = "${local.rule_name_prefix}-${each.key}"
  description    = each.value.description
  event_bus_name = var.insights.event_bus_name
  event_pattern  = each.value.entry.pattern
  state          = var.enabled && !(var.drain && startswith(each.key, "start")) ? "ENABLED" : "DISABLED"

  tags = local.tags

  lifecycle {
    precondition {
      condition     = length(each.value.entry.pattern) <= 2048
      error_message = "${local.name}, rule ${each.key}: the event pattern has ${length(each.value.entry.pattern)} characters; EventBridge takes 2048. Match fewer detail-types by name (capture: all), or spread them over several entries."
    }
  }
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rules

  rule           = aws_cloudwatch_event_rule.this[each.key].name
  event_bus_name = var.insights.event_bus_name
  target_id      = "queue"
  arn            = each.value.queue_arn

  input_transformer {
    input_template = local.messages[each.key]
  }

  # A day of tries, as EventBridge does unasked; then the dead-letter queue instead of nothing.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = var.insights.target_dead_letter_queue_arn
  }

  # No events before there is a state machine to begin journeys of.
  depends_on = [aws_sfn_state_machine.this]

  lifecycle {
    precondition {
      condition     = length(local.messages[each.key]) <= 8192
      error_message = "${local.name}, rule ${each.key}: the message wrapped around an event has ${length(local.messages[each.key])} characters; EventBridge takes 8192. Shorten the names of its ${length(each.value.entry.events)} events, or split the choreography."
    }
  }
}
