output "state_machine_arns" {
  description = "ARNs of the state machines whose executions are the journeys, by choreography."
  value       = { for name, choreography in module.choreography : name => choreography.state_machine_arn }
}

output "team_policy_arns" {
  description = "ARNs of the policies to attach to the teams' own roles, by team."
  value       = { for team, policy in aws_iam_policy.team : team => policy.arn }
}
