output "state_machine_arn" {
  description = "ARN of the state machine to start with a series of events as input."
  value       = aws_sfn_state_machine.this.arn
}

output "state_machine_name" {
  description = "Name of the state machine to start with a series of events as input."
  value       = aws_sfn_state_machine.this.name
}

output "role_arn" {
  description = "ARN of the role that publishes the events."
  value       = aws_iam_role.this.arn
}
