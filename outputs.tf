output "insights" {
  description = "All that further modules/choreography and modules/simulation blocks take: `insights = module.NAME.insights`."
  value       = module.insights
}

output "event_bus_name" {
  description = "Name of the bus that is watched."
  value       = module.insights.event_bus_name
}

output "journeys_table_name" {
  description = "Name of the table of journeys."
  value       = module.insights.journeys_table_name
}

output "state_machine_arns" {
  description = "ARNs of the state machines whose executions are the journeys, by choreography."
  value       = { for name, choreography in module.choreography : name => choreography.state_machine_arn }
}

output "simulation_state_machine_arn" {
  description = "ARN of the state machine to start with a series of events as input; null without simulation."
  value       = one(module.simulation[*].state_machine_arn)
}

output "insights_function_name" {
  description = "Name of the function that shows where journeys are: `choreography console --function` takes it."
  value       = module.insights.insights_function_name
}

output "insights_function_arn" {
  description = "ARN of that function. Who looks at the dashboard, or at the console, needs `lambda:InvokeFunction` on it."
  value       = module.insights.insights_function_arn
}

output "queue_urls" {
  description = "URLs of the work queues, by role: start, event."
  value       = module.insights.queue_urls
}

output "dead_letter_queue_urls" {
  description = "URLs of the dead-letter queues, by where a message got stuck: start, event, stream, target."
  value       = module.insights.dead_letter_queue_urls
}

output "parameter_name" {
  description = "Name of the SSM parameter that holds all that choreographies in another state take."
  value       = module.insights.parameter_name
}

output "console_urls" {
  description = "Where to look: the dashboard, and the journeys of each choreography."
  value = {
    dashboard = module.insights.dashboard_url
    journeys  = { for name, choreography in module.choreography : name => choreography.console_url }
  }
}
