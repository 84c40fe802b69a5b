# The two queues between the bus and the functions.
resource "aws_sqs_queue" "work" {
  for_each = toset(["start", "event"])

  name                       = "${var.name_prefix}-${each.key}"
  visibility_timeout_seconds = var.queue.visibility_timeout_seconds
  message_retention_seconds  = 4 * 24 * 3600
  max_message_size           = var.queue.max_message_bytes
  policy                     = local.queue_policies[each.key]

  # SSE-SQS unless there is an own key. Never alias/aws/sqs: EventBridge cannot use that key.
  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter[each.key].arn
    maxReceiveCount     = var.queue.max_receive_count
  })

  tags = local.tags
}
