mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name    = "example"
  handler = "example.handler"
  package = { s3_bucket = "artifacts", s3_key = "example-abc.zip" }
}

run "one_bad_record_does_not_hold_up_the_stream" {
  command = plan

  variables {
    stream_sources = {
      status = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000" }
    }
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.stream["status"].function_response_types == toset(["ReportBatchItemFailures"]) &&
      aws_lambda_event_source_mapping.stream["status"].bisect_batch_on_function_error &&
      aws_lambda_event_source_mapping.stream["status"].maximum_retry_attempts == 5
    )
    error_message = "A failing record would be retried with its whole batch, or until it expires."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.stream["status"].starting_position == "TRIM_HORIZON"
    error_message = "Records written while the mapping is replaced would be skipped."
  }

  assert {
    condition = (
      length(aws_lambda_event_source_mapping.stream["status"].filter_criteria) == 0 &&
      length(aws_lambda_event_source_mapping.stream["status"].destination_config) == 0
    )
    error_message = "A plain source has no filter and no queue for failures."
  }
}

run "settings_reach_the_mapping" {
  command = plan

  variables {
    tags = { team = "ops" }
    stream_sources = {
      status = {
        stream_arn                         = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000"
        batch_size                         = 25
        maximum_batching_window_in_seconds = 2
        starting_position                  = "LATEST"
        maximum_retry_attempts             = 3
        bisect_batch_on_function_error     = false
        parallelization_factor             = 4
      }
    }
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.stream["status"].event_source_arn == var.stream_sources.status.stream_arn &&
      aws_lambda_event_source_mapping.stream["status"].function_name == output.arn &&
      aws_lambda_event_source_mapping.stream["status"].batch_size == 25 &&
      aws_lambda_event_source_mapping.stream["status"].maximum_batching_window_in_seconds == 2 &&
      aws_lambda_event_source_mapping.stream["status"].starting_position == "LATEST" &&
      aws_lambda_event_source_mapping.stream["status"].maximum_retry_attempts == 3 &&
      aws_lambda_event_source_mapping.stream["status"].bisect_batch_on_function_error == false &&
      aws_lambda_event_source_mapping.stream["status"].parallelization_factor == 4
    )
    error_message = "A setting does not reach the mapping."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.stream["status"].tags == tomap({ team = "ops" })
    error_message = "The mapping lacks the tags."
  }
}

run "filters_and_the_failure_queue_reach_the_mapping" {
  command = plan

  variables {
    stream_sources = {
      status = {
        stream_arn        = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000"
        filters           = [jsonencode({ eventName = ["MODIFY"] }), jsonencode({ eventName = ["INSERT"] })]
        failure_queue_arn = "arn:aws:sqs:us-east-1:111122223333:stream-dlq"
      }
    }
  }

  assert {
    condition     = toset(aws_lambda_event_source_mapping.stream["status"].filter_criteria[0].filter[*].pattern) == toset(var.stream_sources.status.filters)
    error_message = "The filters do not reach the mapping."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.stream["status"].destination_config[0].on_failure[0].destination_arn ==
      "arn:aws:sqs:us-east-1:111122223333:stream-dlq"
    )
    error_message = "Records given up would be lost."
  }
}
