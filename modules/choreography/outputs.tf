output "name" {
  description = "Name of the choreography."
  value       = local.name
}

output "state_machine_arn" {
  description = "ARN of the state machine whose executions are the journeys."
  value       = aws_sfn_state_machine.this.arn
}

output "state_machine_name" {
  description = "Name of the state machine whose executions are the journeys."
  value       = aws_sfn_state_machine.this.name
}

output "console_url" {
  description = "Where the journeys can be seen in the AWS console."
  value       = "${var.insights.console_url}/states/home#/statemachines/view/${urlencode(aws_sfn_state_machine.this.arn)}"
}

output "role_arn" {
  description = "ARN of the role that the journeys run with."
  value       = aws_iam_role.this.arn
}

output "rule_arns" {
  description = "ARNs of the rules that pick the choreography's events: start, events, and more if it has several patterns."
  value       = { for key, rule in aws_cloudwatch_event_rule.this : key => rule.arn }
}

output "log_group_name" {
  description = "Name of the state machine's log group."
  value       = aws_cloudwatch_log_group.this.name
}
