# The first group is what modules/choreography and modules/simulation take: `insights = module.insights`.

output "name_prefix" {
  description = "Begins the names of the state machines that the functions may touch."
  value       = var.name_prefix
}

output "event_bus_name" {
  description = "Name of the bus that is watched."
  value       = local.event_bus_name
}

output "event_bus_arn" {
  description = "ARN of the bus that is watched."
  value       = local.event_bus_arn
}

output "console_url" {
  description = "Where the AWS console of this Region begins; links are made from it."
  value       = local.console_url
}

output "state_machine_arn_prefix" {
  description = "Begins the ARN of every choreography's state machine; the choreography's name follows."
  value       = local.state_machine_arn_prefix
}

# A new definition of a state machine may ask the executions' input for what only a new start function puts there: so
# those who take the table's name change after the functions.
output "journeys_table_name" {
  description = "Name of the table of journeys."
  value       = aws_dynamodb_table.journeys.name

  depends_on = [aws_lambda_function.this]
}

output "journeys_table_arn" {
  description = "ARN of the table of journeys."
  value       = aws_dynamodb_table.journeys.arn
}

output "start_queue_arn" {
  description = "ARN of the queue for events that begin journeys."
  value       = aws_sqs_queue.work["start"].arn
}

output "event_queue_arn" {
  description = "ARN of the queue for events that move journeys on."
  value       = aws_sqs_queue.work["event"].arn
}

output "target_dead_letter_queue_arn" {
  description = "ARN of the queue for events that a rule could not put on its queue."
  value       = aws_sqs_queue.dead_letter["target"].arn
}

output "kms_key_arn" {
  description = "The customer managed key; null if AWS manages the keys."
  value       = var.kms_key_arn
}

output "log_retention_days" {
  description = "How long logs are kept."
  value       = var.log_retention_days
}

output "metrics_namespace" {
  description = "CloudWatch namespace of the functions' metrics."
  value       = var.metrics_namespace
}

output "metrics_detail" {
  description = "How fine the functions' metrics are."
  value       = var.metrics_detail
}

output "runbook_url" {
  description = "Where the runbooks are."
  value       = var.runbook_url
}

output "tracing" {
  description = "Whether X-Ray traces the functions and the journeys."
  value       = var.tracing
}

# The second group is for people and scripts.

output "queue_urls" {
  description = "URLs of the work queues, by role: start, event."
  value       = { for role, queue in aws_sqs_queue.work : role => queue.url }
}

output "dead_letter_queue_urls" {
  description = "URLs of the dead-letter queues, by where a message got stuck: start, event, stream, statistics, target."
  value       = { for role, queue in aws_sqs_queue.dead_letter : role => queue.url }
}

output "insights_function_name" {
  description = "Name of the function that shows where journeys are: `choreography console --function` takes it."
  value       = aws_lambda_function.this["insights"].function_name
}

output "insights_function_arn" {
  description = "ARN of the function that shows where journeys are. Who looks at the dashboard, or at the console, needs `lambda:InvokeFunction` on it."
  value       = aws_lambda_function.this["insights"].arn
}

output "function_names" {
  description = "Names of the functions, by role: start, resume, statistics, insights."
  value       = { for role, function in aws_lambda_function.this : role => function.function_name }
}

output "log_group_names" {
  description = "Names of the functions' log groups, by role: start, resume, statistics, insights."
  value       = { for role, group in aws_cloudwatch_log_group.function : role => group.name }
}

output "alarm_arns" {
  description = "ARNs of the alarms, by what they watch."
  value       = { for subject, alarm in aws_cloudwatch_metric_alarm.this : subject => alarm.arn }
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "dashboard_url" {
  description = "Where the CloudWatch dashboard is."
  value       = "${local.console_url}/cloudwatch/home?region=${local.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

output "parameter_name" {
  description = "Name of the SSM parameter that holds all that modules/choreography and modules/simulation take."
  value       = aws_ssm_parameter.outputs.name
}
