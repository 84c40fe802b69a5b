# What the dashboard says of costs, reckoned from what CloudWatch counts. Fixed costs (alarms, the dashboard, metrics,
# logs) and what others pay (their own events) are left out: see README.md.
locals {
  # Dollars in us-east-1, without free tiers, as scripts/benchmarks/cost.py has them. Other Regions differ by a few per cent.
  prices = {
    transition      = 0.000025
    write_unit      = 0.000000625
    read_unit       = 0.000000125
    queue_request   = 0.0000004
    custom_event    = 0.000001
    invocation      = 0.0000002
    gigabyte_second = 0.0000133334
  }

  # Step Functions counts no transitions per state machine. The examples' journeys take one at their end and, for each
  # event but the first, one for its wait and another where there is something to choose: 1.3 to 1.7 (docs/operations-and-design/figures.md).
  transitions_per_event = 1.6

  queue_ids = { start = "start_queue", event = "event_queue" }

  # Dollars per period, by service.
  costs = {
    step_functions = "(started + delivered * ${local.transitions_per_event}) * ${format("%f", local.prices.transition)}"
    dynamodb       = "writes * ${format("%.9f", local.prices.write_unit)} + reads * ${format("%.9f", local.prices.read_unit)}"
    # A message is sent, received and deleted; functions that wait for messages receive nothing some times a minute.
    sqs         = "(${join(" + ", [for id in values(local.queue_ids) : "${id}_sent * 3 + ${id}_idle"])}) * ${format("%.7f", local.prices.queue_request)}"
    lambda      = "(${join(" + ", [for role in keys(local.functions) : "${role}_calls"])}) * ${format("%.7f", local.prices.invocation)} + (${join(" + ", [for role, function in local.functions : "${role}_time * ${function.memory_mb / 1024}"])}) / 1000 * ${format("%.10f", local.prices.gigabyte_second)}"
    eventbridge = "(${join(" + ", concat(keys(local.outcomes), ["deviations"]))}) * ${format("%f", local.prices.custom_event)}"
  }
  cost_labels = { step_functions = "Step Functions", dynamodb = "DynamoDB", sqs = "SQS", lambda = "Lambda", eventbridge = "EventBridge" }

  cost_sources = merge(
    { for id in concat(["started", "delivered", "deviations"], keys(local.outcomes)) : id => local.emitted_metrics[id] },
    {
      writes = ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", aws_dynamodb_table.journeys.name]
      reads  = ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", aws_dynamodb_table.journeys.name]
    },
    { for role, id in local.queue_ids : "${id}_sent" => ["AWS/SQS", "NumberOfMessagesSent", "QueueName", aws_sqs_queue.work[role].name] },
    { for role, id in local.queue_ids : "${id}_idle" => ["AWS/SQS", "NumberOfEmptyReceives", "QueueName", aws_sqs_queue.work[role].name] },
    { for role, function in aws_lambda_function.this : "${role}_calls" => ["AWS/Lambda", "Invocations", "FunctionName", function.function_name] },
    { for role, function in aws_lambda_function.this : "${role}_time" => ["AWS/Lambda", "Duration", "FunctionName", function.function_name] },
  )

  # Nothing counted is no cost: FILL, or an hour without deviations would leave the whole sum out.
  cost_expressions = [
    for id, expression in local.costs : [{
      id    = id
      label = local.cost_labels[id]
      expression = join("", [
        for part in regexall("[a-z][a-z_]*|[^a-z]+", expression) : contains(keys(local.cost_sources), part) ? "FILL(${part}, 0)" : part
      ])
    }]
  ]
  cost_metrics = [for id, metric in local.cost_sources : concat(metric, [{ id = id, stat = "Sum", visible = false }])]
}
