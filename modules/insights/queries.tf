# CloudWatch Logs Insights, "Saved queries": where to begin when somebody asks about an order.
locals {
  queries = {
    story-of-one-entity = <<-EOT
      # Put in the choreography and the entity's id. Longer ago than the logs are kept: the execution's own history.
      fields @timestamp, message, event_name, event_id, state, seconds_in_state, reason, cause, status, execution_arn
      | filter choreography = "order" and entity_id = "12345"
      | sort @timestamp asc
      | limit 1000
    EOT
    slowest-states      = <<-EOT
      filter message = "event moved its journey" and ispresent(seconds_in_state)
      | stats pct(seconds_in_state, 50) as p50, pct(seconds_in_state, 95) as p95, max(seconds_in_state) as longest, count(*) as events by choreography, state
      | sort p95 desc
    EOT
    deviations          = <<-EOT
      fields @timestamp, choreography, entity_id, event_name, reason, cause, execution_arn
      | filter message = "journey deviated"
      | sort @timestamp desc
      | limit 1000
    EOT
    deviations-by-event = <<-EOT
      filter message = "journey deviated"
      | stats count(*) as deviations, count_distinct(entity_id) as entities, latest(entity_id) as newest_entity, latest(cause) as newest_cause by choreography, event_name, reason
      | sort deviations desc
    EOT
    overdue             = <<-EOT
      filter message = "journey overdue"
      | stats max(overdue_seconds) as longest, latest(execution_arn) as execution by choreography, entity_id
      | sort longest desc
      | limit 1000
    EOT
    failures            = <<-EOT
      fields @timestamp, level, message, reason, journey, message_id, receive_count, exception_name
      | filter level in ["WARNING", "ERROR", "CRITICAL"] and message not in ["journey deviated", "journey overdue"] or @message like /Task timed out/
      | sort @timestamp desc
      | limit 1000
    EOT
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.name_prefix}/${each.key}"
  query_string    = trimspace(each.value)
  log_group_names = [for group in aws_cloudwatch_log_group.function : group.name]
}
