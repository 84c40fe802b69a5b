# For a person on call, from top to bottom: where journeys are, are they well, are events well, is the machinery well,
# what does it cost.
# Everything that the functions count is summed up for the whole; what is said by choreography (and state) is searched
# for, so that choreographies deployed later show up by themselves. What Step Functions counts as well is taken from it.
locals {
  # What the functions emit (docs/reference/interfaces.md, section 8), by a short id to calculate with: [name, words].
  emitted = {
    started    = ["JourneysStarted", "started"]
    succeeded  = ["JourneysSucceeded", "succeeded"]
    failed     = ["JourneysFailed", "failed"]
    timed_out  = ["JourneysTimedOut", "timed out"]
    aborted    = ["JourneysAborted", "aborted"]
    delivered  = ["EventsDelivered", "moved a journey"]
    kept       = ["EventsKept", "kept: early or contested"]
    duplicated = ["EventsDuplicated", "delivered again, dropped"]
    deviations = ["Deviations", "deviations"]
  }
  emitted_metrics = { for id, metric in local.emitted : id => [var.metrics_namespace, metric[0], "service", var.name_prefix] }
  outcomes        = { succeeded = "#2ca02c", failed = "#d62728", timed_out = "#ff7f0e", aborted = "#7f7f7f" }

  # What the functions count by choreography, and by state; metrics_detail says whether they do.
  counted_by_choreography = var.metrics_detail != "summary"
  counted_by_state        = var.metrics_detail == "per_state"
  by_choreography = {
    for metric in ["JourneysOverdue", "OverdueBy", "Deviations", "EventsDelivered", "EventsKept"] :
    metric => "{\"${var.metrics_namespace}\",service,choreography} service=\"${var.name_prefix}\" MetricName=\"${metric}\""
  }
  by_state = "{\"${var.metrics_namespace}\",service,choreography,state} service=\"${var.name_prefix}\" MetricName=\"TimeInState\""

  # What Step Functions counts, for nothing, by state machine: those whose ARN has the words of our prefix in it.
  by_state_machine = {
    for metric in ["ExecutionsStarted", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled", "ExecutionTime"] :
    metric => "{AWS/States,StateMachineArn} ${join(" ", [for word in split("-", var.name_prefix) : "StateMachineArn=${word}"])} MetricName=\"${metric}\""
  }
  by_rule = {
    for metric in ["FailedInvocations", "InvocationsFailedToBeSentToDlq"] : metric => (
      local.event_bus_name == "default"
      ? "{AWS/Events,RuleName} MetricName=\"${metric}\""
      : "{AWS/Events,EventBusName,RuleName} EventBusName=\"${local.event_bus_name}\" MetricName=\"${metric}\""
    )
  }

  choreography_label  = "$${PROP('Dim.choreography')}"
  state_label         = "$${PROP('Dim.choreography')}: $${PROP('Dim.state')}"
  state_machine_label = "$${PROP('Dim.StateMachineArn')}"
  rule_label          = "$${PROP('Dim.RuleName')}"

  # A widget is {title, unit, metrics}, and optionally {stat, period, view, stacked, shown}; three of them make a row.
  dashboard_rows = [
    [
      {
        title = "Journeys running: more or fewer than at the left edge"
        unit  = "journeys"
        metrics = concat(
          [[{ id = "running", label = "running", expression = "RUNNING_SUM(FILL(started, 0) - ${join(" - ", [for id, _ in local.outcomes : "FILL(${id}, 0)"])})" }]],
          [for id in concat(["started"], keys(local.outcomes)) : concat(local.emitted_metrics[id], [{ id = id, visible = false }])],
        )
      },
      {
        title   = "Journeys started, by choreography"
        unit    = "journeys"
        metrics = [[{ expression = "SEARCH('${local.by_state_machine["ExecutionsStarted"]}', 'Sum', 300)", label = local.state_machine_label }]]
      },
      {
        title   = "Journeys ended, by outcome"
        unit    = "journeys"
        stacked = true
        metrics = [for id, color in local.outcomes : concat(local.emitted_metrics[id], [{ label = local.emitted[id][1], color = color }])]
      },
    ],
    [
      {
        title   = "Journeys failed, by choreography"
        unit    = "journeys"
        stacked = true
        metrics = [[{ expression = "SEARCH('${local.by_state_machine["ExecutionsFailed"]}', 'Sum', 300)", label = local.state_machine_label }]]
      },
      {
        title   = "Journeys timed out, by choreography"
        unit    = "journeys"
        stacked = true
        metrics = [[{ expression = "SEARCH('${local.by_state_machine["ExecutionsTimedOut"]}', 'Sum', 300)", label = local.state_machine_label }]]
      },
      {
        title = "Open executions of the whole account"
        unit  = "executions"
        stat  = "Maximum"
        metrics = [
          ["AWS/States", "OpenExecutionCount", { label = "open" }],
          ["AWS/States", "OpenExecutionLimit", { label = "the quota" }],
        ]
      },
    ],
    [
      {
        title   = "Journeys overdue (100 or more count as 100)"
        unit    = "journeys"
        stat    = "Maximum"
        metrics = [[var.metrics_namespace, "JourneysOverdue", "service", var.name_prefix, { label = "overdue" }]]
        shown   = !local.counted_by_choreography
      },
      {
        title   = "Longest time overdue"
        unit    = "seconds"
        stat    = "Maximum"
        metrics = [[var.metrics_namespace, "OverdueBy", "service", var.name_prefix, { label = "overdue by" }]]
        shown   = !local.counted_by_choreography
      },
      {
        title   = "Deviations"
        unit    = "events"
        metrics = [concat(local.emitted_metrics["deviations"], [{ label = local.emitted["deviations"][1] }])]
        shown   = !local.counted_by_choreography
      },
      {
        title   = "Journeys overdue, by choreography (100 or more count as 100)"
        unit    = "journeys"
        metrics = [[{ expression = "SEARCH('${local.by_choreography["JourneysOverdue"]}', 'Maximum', 300)", label = local.choreography_label }]]
        shown   = local.counted_by_choreography
      },
      {
        title   = "Longest time overdue, by choreography"
        unit    = "seconds"
        metrics = [[{ expression = "SEARCH('${local.by_choreography["OverdueBy"]}', 'Maximum', 300)", label = local.choreography_label }]]
        shown   = local.counted_by_choreography
      },
      {
        title   = "Deviations, by choreography"
        unit    = "events"
        stacked = true
        metrics = [[{ expression = "SEARCH('${local.by_choreography["Deviations"]}', 'Sum', 300)", label = local.choreography_label }]]
        shown   = local.counted_by_choreography
      },
    ],
    [
      {
        title   = "Events"
        unit    = "events"
        metrics = [for id in ["delivered", "kept", "duplicated"] : concat(local.emitted_metrics[id], [{ label = local.emitted[id][1] }])]
      },
      {
        title   = "Events that moved a journey, by choreography"
        unit    = "events"
        stacked = true
        metrics = [[{ expression = "SEARCH('${local.by_choreography["EventsDelivered"]}', 'Sum', 300)", label = local.choreography_label }]]
        shown   = local.counted_by_choreography
      },
      {
        title   = "Early and contested events, by choreography"
        unit    = "events"
        stacked = true
        metrics = [[{ expression = "SEARCH('${local.by_choreography["EventsKept"]}', 'Sum', 300)", label = local.choreography_label }]]
        shown   = local.counted_by_choreography
      },
    ],
    [
      for percentile, words in { p50 = "half of the events came within", p95 = "95 % came within", p99 = "99 % came within" } : {
        title                        = "Time in state, the 20 slowest: ${words}"
        unit                         = "seconds"
        metrics                      = [[{ expression = "SLICE(SORT(SEARCH('${local.by_state}', '${percentile}', 300), AVG, DESC), 0, 20)", label = local.state_label }]]
        shown                        = local.counted_by_state
      }
    ],
    [
      for percentile, words in { p50 = "half", p95 = "95 %", p99 = "99 %" } : {
        title                        = "Duration of journeys, by choreography: ${words} took at most"
        unit                         = "seconds"
        metrics                      = [[{ expression = "SEARCH('${local.by_state_machine["ExecutionTime"]}', '${percentile}', 300) / 1000", label = local.state_machine_label }]]
      }
    ],
    [
      {
        title   = "Age of the oldest waiting message"
        unit    = "seconds"
        stat    = "Maximum"
        period  = 60
        metrics = [for role, queue in aws_sqs_queue.work : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue.name, { label = "${role} queue" }]]
      },
      {
        title  = "Messages on the queues"
        unit   = "messages"
        stat   = "Maximum"
        period = 60
        metrics = flatten([for role, queue in aws_sqs_queue.work : [
          for metric, words in {
            ApproximateNumberOfMessagesVisible    = "waiting"
            ApproximateNumberOfMessagesNotVisible = "being worked on"
            ApproximateNumberOfMessagesDelayed    = "for later (deadlines)"
          } : { row = ["AWS/SQS", metric, "QueueName", queue.name, { label = "${role} queue, ${words}" }] }
        ]])[*].row
      },
      {
        title   = "Dead letters"
        unit    = "messages"
        stat    = "Maximum"
        period  = 60
        metrics = [for role, queue in aws_sqs_queue.dead_letter : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name, { label = role }]]
      },
    ],
    [
      {
        title  = "Function errors and throttles"
        unit   = "invocations"
        period = 60
        metrics = flatten([for role, function in aws_lambda_function.this : [
          for metric in ["Errors", "Throttles"] :
          { row = ["AWS/Lambda", metric, "FunctionName", function.function_name, { label = "${role}: ${lower(metric)}" }] }
        ]])[*].row
      },
      {
        title  = "Duration of function invocations"
        unit   = "milliseconds"
        period = 60
        metrics = flatten([for role, function in aws_lambda_function.this : [
          for percentile in ["p50", "p95", "p99"] :
          { row = ["AWS/Lambda", "Duration", "FunctionName", function.function_name, { stat = percentile, label = "${role} ${percentile}" }] }
        ]])[*].row
      },
      {
        title  = "Lag behind the table's stream (early events)"
        unit   = "seconds"
        stat   = "Maximum"
        period = 60
        metrics = [
          [{ expression = "lag / 1000", label = "resume function" }],
          ["AWS/Lambda", "IteratorAge", "FunctionName", aws_lambda_function.this["resume"].function_name, { id = "lag", visible = false }],
        ]
      },
    ],
    [
      {
        title   = "State transitions held up by the account's quota, by choreography"
        unit    = "transitions"
        stacked = true
        metrics = [[{ expression = "SEARCH('${local.by_state_machine["ExecutionThrottled"]}', 'Sum', 300)", label = local.state_machine_label }]]
      },
      {
        title   = "Events that a rule could not deliver"
        unit    = "events"
        stacked = true
        metrics = [[{ expression = "SEARCH('${local.by_rule["FailedInvocations"]}', 'Sum', 300)", label = local.rule_label }]]
      },
      {
        title   = "Events lost by a rule"
        unit    = "events"
        stacked = true
        metrics = [[{ expression = "SEARCH('${local.by_rule["InvocationsFailedToBeSentToDlq"]}', 'Sum', 300)", label = local.rule_label }]]
      },
    ],
    [
      {
        title   = "Cost, by service: an estimate"
        unit    = "dollars an hour"
        period  = 3600
        stacked = true
        metrics = concat(local.cost_expressions, local.cost_metrics)
      },
      {
        title  = "Cost of the time shown: an estimate"
        unit   = "dollars"
        view   = "singleValue"
        period = 3600
        metrics = concat(
          [[{ id = "all", label = "dollars", expression = join(" + ", keys(local.costs)) }]],
          [for expression in local.cost_expressions : [merge(expression[0], { visible = false })]],
          local.cost_metrics,
        )
      },
    ],
  ]

  dashboard_head = [
    {
      type = "text", x = 0, y = 0, width = 8, height = 4
      properties = {
        markdown = join("\n", [
          "## ${var.name_prefix}",
          "From top to bottom: **where** journeys are, are they well, are **events** well, is the **machinery** well, what does it **cost**.",
          "",
          "Where is order 12345? Type its id below. An alarm's description names its runbook in `${var.runbook_url}`. Logs: Logs Insights, saved queries, `${var.name_prefix}/`.",
        ])
      }
    },
    {
      type = "alarm", x = 8, y = 0, width = 16, height = 4
      properties = {
        title = "Alarms"
        # Written out, so that a plan can show the dashboard before there are alarms.
        alarms = [
          for subject, _ in local.alarms :
          "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${var.name_prefix}-${subject}"
        ]
      }
    },
    {
      # Called by whoever looks, with their own permissions. What leads on from it calls it again.
      type = "custom", x = 0, y = 4, width = 24, height = local.overview_height
      properties = {
        title = "Where journeys are"
        # Written out, so that a plan can show the dashboard before there is a function.
        endpoint = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.function_names["insights"]}"
        params   = { view = "overview" }
        updateOn = { refresh = true, resize = true, timeRange = true }
      }
    },
  ]
  overview_height = 12

  dashboard_shown = [
    for widgets in [for row in local.dashboard_rows : [for widget in row : widget if try(widget.shown, true)]] : widgets
    if length(widgets) > 0
  ]

  dashboard_widgets = flatten([
    for row, widgets in local.dashboard_shown : [
      for column, widget in widgets : {
        type   = "metric"
        x      = 8 * column
        y      = 4 + local.overview_height + 6 * row
        width  = 8
        height = 6
        properties = {
          title                = widget.title
          region               = local.region
          stat                 = try(widget.stat, "Sum")
          period               = try(widget.period, 300)
          view                 = try(widget.view, "timeSeries")
          stacked              = try(widget.stacked, false)
          setPeriodToTimeRange = try(widget.view, "") == "singleValue"
          yAxis                = { left = { label = widget.unit, showUnits = false } }
          metrics              = widget.metrics
        }
      }
    ]
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name_prefix
  dashboard_body = jsonencode({ widgets = concat(local.dashboard_head, local.dashboard_widgets) })
}
