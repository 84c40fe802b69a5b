# The two queues between the bus and the functions.
resource "aws_sqs_queue" "work" {
  for_each = toset(["start", "event"])

  name                       = "${var.name_prefix}-${each.key}"
  visibility_timeout_seconds = var.queue.visibility_timeout_seconds
  message_retention_seconds  = 4 * 24 * 3600
  max_message_size           = var.queue.max_message_bytes

  # SSE-SQS unless there is an own key. Never alias/aws/sqs: EventBridge cannot use that key.
  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter[each.key].arn
    maxReceiveCount     = var.queue.max_receive_count
  })

  tags = local.tags
}

locals {
  # Who may put messages on a queue, by the ARN of the rule. The functions, being of this account, need no line here.
  status_rule_arn = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.status_rule_name}"
  admitted_rules = {
    start = [local.bus_rules_arn_pattern]
    event = [local.bus_rules_arn_pattern, local.status_rule_arn]
  }
}

resource "aws_sqs_queue_policy" "work" {
  for_each = aws_sqs_queue.work

  queue_url = each.value.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTheseRules"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = each.value.arn
        Condition = { ArnLike = { "aws:SourceArn" = local.admitted_rules[each.key] } }
      },
      merge(local.deny_without_tls, { Resource = each.value.arn }),
    ]
  })
}

locals {
  deny_without_tls = {
    Sid       = "OnlyOverTls"
    Effect    = "Deny"
    Principal = "*"
    Action    = "sqs:*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}
