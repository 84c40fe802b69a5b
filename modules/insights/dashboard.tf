# For a person on call, from top to bottom: are journeys well, are events well, is the machinery well.
locals {
  # A widget is {title, metrics}, and optionally {stat, view}; three of them make a row.
  dashboard_rows = [
    [
      {
        title = "Journeys started and ended"
        metrics = [for metric in ["JourneysStarted", "JourneysSucceeded", "JourneysFailed", "JourneysTimedOut", "JourneysAborted"] :
        [var.metrics_namespace, metric, "service", var.name_prefix]]
      },
      {
        title   = "Deviations by choreography"
        metrics = [[{ expression = local.dashboard_search["Deviations"] }]]
      },
      {
        title   = "Duration of journeys by choreography, p95 in seconds"
        metrics = [[{ expression = local.dashboard_search["JourneyDuration"] }]]
      },
    ],
    [
      {
        title = "Events"
        metrics = [for metric in ["EventsDelivered", "EventsKept", "EventsDuplicated"] :
        [var.metrics_namespace, metric, "service", var.name_prefix]]
      },
      {
        title   = "Events that moved a journey, by choreography"
        metrics = [[{ expression = local.dashboard_search["EventsDelivered"] }]]
      },
      {
        title   = "Time in state, p95 in seconds"
        metrics = [[{ expression = local.dashboard_search["TimeInState"] }]]
      },
    ],
    [
      {
        title = "Dead letters"
        stat  = "Maximum"
        metrics = [for queue in aws_sqs_queue.dead_letter :
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name]]
      },
      {
        title   = "Age of the oldest waiting event, in seconds"
        stat    = "Maximum"
        metrics = [for queue in aws_sqs_queue.work : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue.name]]
      },
      {
        title   = "Waiting events"
        stat    = "Maximum"
        metrics = [for queue in aws_sqs_queue.work : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name]]
      },
    ],
    [
      {
        title = "Function errors and throttles"
        metrics = flatten([for function in aws_lambda_function.this :
          [for metric in ["Errors", "Throttles"] : { row = ["AWS/Lambda", metric, "FunctionName", function.function_name] }]
        ])[*].row
      },
      {
        title   = "Function duration, p95 in milliseconds"
        stat    = "p95"
        metrics = [for function in aws_lambda_function.this : ["AWS/Lambda", "Duration", "FunctionName", function.function_name]]
      },
      {
        title   = "Lag of the resume function behind the table's stream, in milliseconds"
        stat    = "Maximum"
        metrics = [["AWS/Lambda", "IteratorAge", "FunctionName", aws_lambda_function.this["resume"].function_name]]
      },
    ],
  ]

  # One line per choreography (and state), also for those deployed later.
  dashboard_search = {
    for metric, look in {
      Deviations      = { dimensions = "service,choreography", stat = "Sum" }
      EventsDelivered = { dimensions = "service,choreography", stat = "Sum" }
      JourneyDuration = { dimensions = "service,choreography", stat = "p95" }
      TimeInState     = { dimensions = "service,choreography,state", stat = "p95" }
    } : metric => "SEARCH('{\"${var.metrics_namespace}\",${look.dimensions}} service=\"${var.name_prefix}\" MetricName=\"${metric}\"', '${look.stat}')"
  }

  dashboard_widgets = flatten([
    for row, widgets in local.dashboard_rows : [
      for column, widget in widgets : {
        type   = "metric"
        x      = 8 * column
        y      = 6 * row
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = local.region
          stat    = try(widget.stat, "Sum")
          period  = 60
          view    = "timeSeries"
          metrics = widget.metrics
        }
      }
    ]
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name_prefix
  dashboard_body = jsonencode({ widgets = local.dashboard_widgets })
}
