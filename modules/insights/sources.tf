# What calls the functions: those that correlate their queues; resume and statistics the table's stream.
resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.correlating

  event_source_arn        = aws_sqs_queue.work[each.value.queue].arn
  function_name           = aws_lambda_function.this[each.key].arn
  batch_size              = 10                          # at most, and no waiting for more: an event is seen at once
  function_response_types = ["ReportBatchItemFailures"] # one bad message does not repeat its neighbours

  # A flood of events waits on its queue, instead of taking the account's concurrency from all others.
  dynamic "scaling_config" {
    for_each = var.maximum_concurrency[*]

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  tags = local.tags
}

resource "aws_lambda_event_source_mapping" "stream" {
  event_source_arn = aws_dynamodb_table.journeys.stream_arn
  function_name    = aws_lambda_function.this["resume"].arn
  batch_size       = 10

  # Journeys are looked at side by side; each one's records stay in order. Early events would wait for each other else.
  parallelization_factor = 10

  # From the beginning: a record seen twice is harmless, one never seen leaves an early event waiting for its deadline.
  starting_position = "TRIM_HORIZON"

  # Without limits one bad record would hold up its shard for a day; this way it goes to a queue after some minutes.
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = 10
  maximum_record_age_in_seconds      = 3600
  maximum_batching_window_in_seconds = 0

  # Only journeys that hold early events: without any, the stream invokes (and costs) nothing. And the waits inside an
  # `each`, which have rows of their own: whether the journey holds early events is in none of them. Nothing that is
  # taken away has a new image.
  filter_criteria {
    filter {
      pattern = jsonencode({
        dynamodb = {
          Keys     = { item = { S = ["JOURNEY"] } }
          NewImage = { kept = { SS = [{ exists = true }] } }
        }
      })
    }
    filter {
      pattern = jsonencode({
        dynamodb = {
          Keys     = { item = { S = [{ prefix = "WAIT#" }] } }
          NewImage = { wait = { M = { t = { S = [{ exists = true }] } } } }
        }
      })
    }
  }

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.dead_letter["stream"].arn
    }
  }

  tags = local.tags
}

resource "aws_lambda_event_source_mapping" "statistics" {
  event_source_arn = aws_dynamodb_table.journeys.stream_arn
  function_name    = aws_lambda_function.this["statistics"].arn

  # Whoever looks sees what happened until a minute ago. Many records in one invocation are counted by one write.
  batch_size                         = 2500
  maximum_batching_window_in_seconds = 60

  # For nothing but the name of the shard that the records are of, which Lambda says only to functions with windows: by it
  # a row of counts knows which records are new to it.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
  tumbling_window_in_seconds = 900

  # From the beginning: a record that is seen again is not counted again.
  starting_position = "TRIM_HORIZON"

  # A shard's records are counted in their order, so a batch is not cut in two: what fails comes again as it was, for as
  # long as the stream has it. No single record can hold it up: one that cannot be read is left out.
  maximum_retry_attempts        = -1
  maximum_record_age_in_seconds = 82800

  # Events that have moved a journey or were reported (not what is noted in their rows later, such as that they came
  # again), journeys that are somewhere or have ended, and pictures.
  filter_criteria {
    filter {
      pattern = jsonencode({
        dynamodb = {
          Keys     = { item = { S = [{ prefix = "EVENT#" }] } }
          OldImage = { status = { S = ["CLAIMED", "STARTING", "FAILING", "REPORTING"] } }
          NewImage = { status = { S = ["DONE", "REPORTED"] } }
        }
      })
    }
    filter {
      pattern = jsonencode({
        dynamodb = {
          Keys     = { item = { S = ["JOURNEY"] } }
          NewImage = { since = { S = [{ exists = true }] } }
        }
      })
    }
    filter {
      pattern = jsonencode({
        dynamodb = {
          Keys     = { item = { S = ["JOURNEY"] } }
          NewImage = { endedAt = { N = [{ exists = true }] } }
        }
      })
    }
    filter {
      pattern = jsonencode({
        dynamodb = {
          Keys     = { journey = { S = ["#pictures"] } }
          NewImage = { version = { S = [{ exists = true }] } }
        }
      })
    }
  }

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.dead_letter["statistics"].arn
    }
  }

  tags = local.tags
}
