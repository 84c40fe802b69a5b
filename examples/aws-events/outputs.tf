output "bucket_name" {
  description = "Put objects into this bucket."
  value       = aws_s3_bucket.inbox.bucket
}

output "event_bus_name" {
  description = "Where the events are: the account's default bus."
  value       = module.insights.event_bus_name
}

output "state_machine_arn" {
  description = "ARN of the state machine whose executions are the journeys."
  value       = module.ingest.state_machine_arn
}

output "journeys_table_name" {
  description = "Name of the table of journeys."
  value       = module.insights.journeys_table_name
}

output "journeys_url" {
  description = "Where the journeys can be seen in the AWS console."
  value       = module.ingest.console_url
}

output "dead_letter_queue_urls" {
  description = "URLs of the dead-letter queues, by where a message got stuck."
  value       = module.insights.dead_letter_queue_urls
}
