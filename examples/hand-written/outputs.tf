output "event_bus_name" {
  description = "Put events on this bus."
  value       = module.insights.event_bus_name
}

output "state_machine_arn" {
  description = "ARN of the state machine whose executions are the journeys."
  value       = module.loan.state_machine_arn
}

output "journeys_table_name" {
  description = "Name of the table of journeys."
  value       = module.insights.journeys_table_name
}

output "journeys_url" {
  description = "Where the journeys can be seen in the AWS console."
  value       = module.loan.console_url
}
