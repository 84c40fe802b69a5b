# What could not be processed, by where it got stuck:
#   start, event   a message that the function failed on too often
#   stream         where in the table's stream the resume function failed too often
#   statistics     where in the table's stream the statistics function failed for as long as it has the records
#   target         an event that a rule could not put on its queue
resource "aws_sqs_queue" "dead_letter" {
  for_each = toset(["start", "event", "stream", "statistics", "target"])

  name             = "${var.name_prefix}-${each.key}-dead-letter"
  max_message_size = var.queue.max_message_bytes
  policy           = local.queue_policies["${each.key}-dead-letter"]

  # As long as SQS can, and counted from when the message first came: longer than it may have been on its queue before.
  message_retention_seconds = var.queue.dead_letter_retention_days * 24 * 3600

  # Only the work queue of the same name sets messages aside here; Lambda and EventBridge need no such leave.
  redrive_allow_policy = (
    contains(local.work_queues, each.key)
    ? jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [local.queue_arns[each.key]] })
    : jsonencode({ redrivePermission = "denyAll" })
  )

  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  tags = local.tags
}
