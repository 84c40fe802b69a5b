output "parameter_name" {
  description = "Name of the SSM parameter in which the teams' state finds all of this."
  value       = module.insights.parameter_name
}

output "event_bus_name" {
  description = "Services put their events on this bus."
  value       = module.insights.event_bus_name
}

output "journeys_table_name" {
  description = "Name of the table of journeys."
  value       = module.insights.journeys_table_name
}

output "queue_urls" {
  description = "URLs of the work queues, by role: start, event."
  value       = module.insights.queue_urls
}

output "dead_letter_queue_urls" {
  description = "URLs of the dead-letter queues, by where a message got stuck: start, event, stream, target."
  value       = module.insights.dead_letter_queue_urls
}
