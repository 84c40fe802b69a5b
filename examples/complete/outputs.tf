output "event_bus_name" {
  description = "Put events on this bus."
  value       = module.choreography_insights.event_bus_name
}

output "state_machine_arns" {
  description = "ARNs of the state machines whose executions are the journeys, by choreography."
  value       = module.choreography_insights.state_machine_arns
}

output "simulation_state_machine_arn" {
  description = "ARN of the state machine to start with one of simulations/*.json as input."
  value       = module.choreography_insights.simulation_state_machine_arn
}

output "journeys_table_name" {
  description = "Name of the table of journeys."
  value       = module.choreography_insights.journeys_table_name
}

output "insights_function_name" {
  description = "Name of the function that shows where journeys are: choreography console --function takes it."
  value       = module.choreography_insights.insights_function_name
}

output "queue_urls" {
  description = "URLs of the work queues, by role: start, event."
  value       = module.choreography_insights.queue_urls
}

output "dead_letter_queue_urls" {
  description = "URLs of the dead-letter queues, by where a message got stuck: start, event, stream, target."
  value       = module.choreography_insights.dead_letter_queue_urls
}

output "console_urls" {
  description = "Where to look: the dashboard, and the journeys of each choreography."
  value       = module.choreography_insights.console_urls
}
