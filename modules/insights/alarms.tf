# What somebody should look at. An alarm's description says what it means; its runbook is a section of
# docs/operations-and-design/operations.md with the alarm's own name.
locals {
  # EventBridge counts by rule. All rules of a bus are asked about by a query, so that those of choreographies deployed
  # later are in it; of the default bus's, which no query can tell from those of others, ours are named.
  rule_failures = {
    failures = { metric = "FailedInvocations", says = "could not put something on its queue, for good" }
    losses   = { metric = "InvocationsFailedToBeSentToDlq", says = "lost something: neither its queue nor the dead-letter queue took it" }
  }
  rule_queries = {
    for subject, failure in local.rule_failures : subject => (
      local.event_bus_name == "default"
      ? "SELECT SUM(${failure.metric}) FROM SCHEMA(\"AWS/Events\", RuleName)"
      : "SELECT SUM(${failure.metric}) FROM SCHEMA(\"AWS/Events\", EventBusName, RuleName) WHERE EventBusName = '${local.event_bus_name}'"
    )
  }
  # Who looks at what `insights` shows sees it fail; nobody needs to be woken.
  watched_functions = { for role, function in aws_lambda_function.this : role => function if role != "insights" }
  own_rule_names    = merge({ ended = local.status_rule_name }, local.schedule_rule_names)

  alarms = merge(
    {
      for role, queue in aws_sqs_queue.dead_letter : "${role}-dead-letters" => {
        description = "Something could not be processed and lies on ${queue.name}."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        statistic   = "Maximum"
        dimensions  = { QueueName = queue.name }
        threshold   = 1
      }
    },
    {
      for role, queue in aws_sqs_queue.work : "${role}-queue-age" => {
        description = "Events wait too long on ${queue.name}: the function is throttled, failing or too slow."
        namespace   = "AWS/SQS"
        metric      = "ApproximateAgeOfOldestMessage"
        statistic   = "Maximum"
        dimensions  = { QueueName = queue.name }
        threshold   = var.alarm_thresholds.queue_age_seconds
      }
    },
    {
      for role, function in local.watched_functions : "${role}-function-errors" => {
        description = "${function.function_name} failed as a whole, not for single messages."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        statistic   = "Sum"
        dimensions  = { FunctionName = function.function_name }
        threshold   = 1
      }
    },
    {
      for role, function in local.watched_functions : "${role}-function-throttles" => {
        description = "${function.function_name} was not let run: the account's or its own concurrency is used up."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        statistic   = "Sum"
        dimensions  = { FunctionName = function.function_name }
        threshold   = var.alarm_thresholds.throttles
      }
    },
    {
      for role in keys(local.correlating) : "${role}-recursive-drops" => {
        description = "Lambda took messages of ${local.function_names[role]} for an endless loop: they lie on the dead-letter queue, and it was never called."
        namespace   = "AWS/Lambda"
        metric      = "RecursiveInvocationsDropped"
        statistic   = "Sum"
        dimensions  = { FunctionName = local.function_names[role] }
        threshold   = 1
      }
    },
    {
      for subject, failure in local.rule_failures : "rule-${subject}" => {
        description = "Rules on ${local.event_bus_name} ${failure.says}."
        query       = local.rule_queries[subject]
        label       = failure.metric
        threshold   = 1
      }
    },
    {
      for subject, failure in local.rule_failures : "own-rule-${subject}" => {
        description = "Rules of ${var.name_prefix} on the default bus ${failure.says}."
        namespace   = "AWS/Events"
        metrics     = { for rule, name in local.own_rule_names : rule => [failure.metric, { RuleName = name }] }
        statistic   = "Sum"
        expression  = join(" + ", [for rule in keys(local.own_rule_names) : "FILL(${rule}, 0)"])
        label       = failure.metric
        threshold   = 1
      }
    },
    {
      transition-throttles = {
        description = "Step Functions holds journeys up: the account's quota of state transitions is used up."
        namespace   = "AWS/States"
        metric      = "ThrottledEvents"
        statistic   = "Sum"
        dimensions  = { ServiceMetric = "StateTransition" }
        threshold   = var.alarm_thresholds.transition_throttles
      }
      open-executions = {
        description = "The account comes near its quota of open executions: beyond it no journey begins."
        namespace   = "AWS/States"
        metrics     = { open = ["OpenExecutionCount", {}], limit = ["OpenExecutionLimit", {}] }
        statistic   = "Maximum"
        expression  = "100 * open / limit"
        label       = "OpenExecutionCount, in per cent of OpenExecutionLimit,"
        threshold   = var.alarm_thresholds.open_executions
        period      = 300
      }
      stream-iterator-age = {
        description = "Early events wait too long for their journeys: the resume function lags behind the table's stream."
        namespace   = "AWS/Lambda"
        metric      = "IteratorAge"
        statistic   = "Maximum"
        dimensions  = { FunctionName = aws_lambda_function.this["resume"].function_name }
        threshold   = var.alarm_thresholds.iterator_age_seconds * 1000
      }
      statistics-iterator-age = {
        description = "Views show old numbers: the statistics function lags behind the table's stream."
        namespace   = "AWS/Lambda"
        metric      = "IteratorAge"
        statistic   = "Maximum"
        dimensions  = { FunctionName = aws_lambda_function.this["statistics"].function_name }
        threshold   = 3600 * 1000
      }
      deviations = {
        description = "Journeys departed from their choreography."
        namespace   = var.metrics_namespace
        metric      = "Deviations"
        statistic   = "Sum"
        dimensions  = { service = var.name_prefix }
        threshold   = var.alarm_thresholds.deviations
      }
      timed-out = {
        description = "Journeys reached their timeout: what they waited for never came."
        namespace   = var.metrics_namespace
        metric      = "JourneysTimedOut"
        statistic   = "Sum"
        dimensions  = { service = var.name_prefix }
        threshold   = var.alarm_thresholds.timed_out
      }
      overdue = {
        description = "Journeys take longer than their choreography expects."
        namespace   = var.metrics_namespace
        metric      = "JourneysOverdue"
        statistic   = "Maximum"
        dimensions  = { service = var.name_prefix }
        threshold   = var.alarm_thresholds.overdue
        period      = 600 # counted every five minutes: no period is without
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name_prefix}-${each.key}"
  alarm_description   = "${each.value.description} What to do: ${var.runbook_url}#${each.key}"
  namespace           = try(each.value.metric, null) == null ? null : each.value.namespace
  metric_name         = try(each.value.metric, null)
  dimensions          = try(each.value.dimensions, null)
  statistic           = try(each.value.metric, null) == null ? null : each.value.statistic
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  period              = try(each.value.metric, null) == null ? null : try(each.value.period, 60)
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arn[*]
  ok_actions          = var.alarm_topic_arn[*]

  # What is looked at: the answer to a query, or reckoned from several metrics.
  dynamic "metric_query" {
    for_each = { for id in ["looked_at"] : id => try(each.value.query, each.value.expression) if !can(each.value.metric) }

    content {
      id          = metric_query.key
      expression  = metric_query.value
      label       = each.value.label
      period      = can(each.value.query) ? 60 : null
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = try(each.value.metrics, {})

    content {
      id = metric_query.key

      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value[0]
        dimensions  = metric_query.value[1]
        stat        = each.value.statistic
        period      = try(each.value.period, 60)
      }
    }
  }

  tags = local.tags
}
