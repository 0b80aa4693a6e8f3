resource "aws_lambda_event_source_mapping" "stream" {
  for_each = var.stream_sources

  function_name     = aws_lambda_function.this.arn
  event_source_arn  = each.value.stream_arn
  starting_position = each.value.starting_position

  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.maximum_batching_window_in_seconds
  parallelization_factor             = each.value.parallelization_factor

  # A record that cannot be processed blocks its shard, so it is isolated, retried a few times and then set aside.
  function_response_types        = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error = each.value.bisect_batch_on_function_error
  maximum_retry_attempts         = each.value.maximum_retry_attempts

  dynamic "filter_criteria" {
    for_each = length(each.value.filters) > 0 ? [each.value.filters] : []

    content {
      dynamic "filter" {
        for_each = filter_criteria.value

        content {
          pattern = filter.value
        }
      }
    }
  }

  dynamic "destination_config" {
    for_each = each.value.failure_queue_arn == null ? [] : [each.value.failure_queue_arn]

    content {
      on_failure {
        destination_arn = destination_config.value
      }
    }
  }

  tags = var.tags

  # Lambda refuses a mapping whose role cannot read the stream yet.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = var.queue_sources

  function_name    = aws_lambda_function.this.arn
  event_source_arn = each.value.queue_arn

  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.maximum_batching_window_in_seconds

  # What the handler does not list as failed is deleted from the queue; the rest comes again and ends in its dead letters.
  function_response_types = ["ReportBatchItemFailures"]

  dynamic "scaling_config" {
    for_each = each.value.maximum_concurrency == null ? [] : [each.value.maximum_concurrency]

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  tags = var.tags

  # Lambda refuses a mapping whose role cannot receive from the queue yet.
  depends_on = [aws_iam_role_policy.this]
}
