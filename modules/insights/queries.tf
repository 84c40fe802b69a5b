# CloudWatch Logs Insights, "Saved queries": where to begin when somebody asks about an order.
locals {
  queries = {
    story-of-one-entity = <<-EOT
      fields @timestamp, message, event_name, event_id, reason, cause, status, execution_arn
      | filter choreography = "order" and entity_id = "12345"
      | sort @timestamp asc
    EOT
    deviations          = <<-EOT
      fields @timestamp, choreography, entity_id, event_name, reason, cause, execution_arn
      | filter message = "journey deviated"
      | sort @timestamp desc
    EOT
    failures            = <<-EOT
      fields @timestamp, level, message, reason, journey, receive_count, exception_name
      | filter level in ["WARNING", "ERROR", "CRITICAL"] and message != "journey deviated" or @message like /Task timed out/
      | sort @timestamp desc
    EOT
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.name_prefix}/${each.key}"
  query_string    = trimspace(each.value)
  log_group_names = [for group in aws_cloudwatch_log_group.function : group.name]
}
