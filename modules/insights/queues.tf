# The two queues between the bus and the functions.
locals {
  work_queues = toset(["start", "event"])
}

resource "aws_sqs_queue" "work" {
  for_each = local.work_queues

  name             = "${var.name_prefix}-${each.key}"
  max_message_size = var.queue.max_message_bytes
  policy           = local.queue_policies[each.key]

  # Six times what a function may take: Lambda itself tries a batch that was throttled again before it gives it back.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
  visibility_timeout_seconds = var.queue.visibility_timeout_seconds

  # A long weekend: so long may the functions be broken or held up, and every event is still there.
  message_retention_seconds = 4 * 24 * 3600

  # SSE-SQS unless there is an own key. Never alias/aws/sqs: EventBridge cannot use that key.
  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  # Several tries, as most failures pass (a throttled table, a claim in flight); then set aside, so that a message that
  # never can be processed is not tried for days.
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter[each.key].arn
    maxReceiveCount     = var.queue.max_receive_count
  })

  tags = local.tags
}
