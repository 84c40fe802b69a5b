# CloudWatch Logs Insights, "Saved queries": where to begin when somebody asks about an order.
locals {
  queries = {
    story-of-one-entity = <<-EOT
      fields @timestamp, level, message, eventName, state, eventId
      | filter choreography = "order" and entityId = "12345"
      | sort @timestamp asc
    EOT
    deviations          = <<-EOT
      fields @timestamp, choreography, entityId, eventName, reason, message
      | filter ispresent(reason)
      | sort @timestamp desc
    EOT
    errors              = <<-EOT
      fields @timestamp, level, message, choreography, entityId, exception
      | filter level in ["ERROR", "CRITICAL"] or @message like /Task timed out/
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
