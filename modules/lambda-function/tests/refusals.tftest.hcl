mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name    = "example"
  handler = "example.handler"
  package = { s3_bucket = "artifacts", s3_key = "example-abc.zip" }
}

run "refuses_a_name_the_role_cannot_carry" {
  command = plan

  variables {
    name = "a name with spaces"
  }

  expect_failures = [var.name]
}

run "refuses_a_description_longer_than_lambda_takes" {
  command = plan

  variables {
    description = join("", [for i in range(257) : "x"])
  }

  expect_failures = [var.description]
}

run "refuses_a_package_from_two_places" {
  command = plan

  variables {
    package = { filename = "a.zip", source_code_hash = "aGFzaA==", s3_bucket = "artifacts", s3_key = "a.zip" }
  }

  expect_failures = [var.package]
}

run "refuses_a_package_from_nowhere" {
  command = plan

  variables {
    package = { s3_bucket = "artifacts" }
  }

  expect_failures = [var.package]
}

run "refuses_a_file_without_its_hash" {
  command = plan

  variables {
    package = { filename = "a.zip" }
  }

  expect_failures = [var.package]
}

run "refuses_a_sixth_layer" {
  command = plan

  variables {
    layers = [for i in range(6) : "arn:aws:lambda:us-east-1:111122223333:layer:l${i}:1"]
  }

  expect_failures = [var.layers]
}

run "refuses_an_unknown_architecture" {
  command = plan

  variables {
    platform = { architecture = "arm" }
  }

  expect_failures = [var.platform]
}

run "refuses_less_room_than_lambda_has" {
  command = plan

  variables {
    platform = { ephemeral_storage_mb = 100 }
  }

  expect_failures = [var.platform]
}

run "refuses_more_memory_than_lambda_has" {
  command = plan

  variables {
    memory_size = 10241
  }

  expect_failures = [var.memory_size]
}

run "refuses_a_timeout_above_fifteen_minutes" {
  command = plan

  variables {
    timeout = 901
  }

  expect_failures = [var.timeout]
}

run "refuses_environment_keys_of_lambda_itself" {
  command = plan

  variables {
    environment = { AWS_REGION = "us-east-1" }
  }

  expect_failures = [var.environment]
}

run "refuses_a_policy_that_is_no_document" {
  command = plan

  variables {
    policy = "s3:GetObject"
  }

  expect_failures = [var.policy]
}

run "refuses_a_negative_concurrency" {
  command = plan

  variables {
    reserved_concurrent_executions = -2
  }

  expect_failures = [var.reserved_concurrent_executions]
}

run "refuses_an_unknown_application_log_level" {
  command = plan

  variables {
    log_levels = { application_level = "WARNING" }
  }

  expect_failures = [var.log_levels]
}

run "refuses_an_unknown_system_log_level" {
  command = plan

  variables {
    log_levels = { system_level = "ERROR" }
  }

  expect_failures = [var.log_levels]
}

run "refuses_a_retention_cloudwatch_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_a_table_arn_in_place_of_its_stream" {
  command = plan

  variables {
    stream_sources = { status = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t" } }
  }

  expect_failures = [var.stream_sources]
}

run "refuses_a_batch_above_ten_thousand" {
  command = plan

  variables {
    stream_sources = { status = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000", batch_size = 10001 } }
  }

  expect_failures = [var.stream_sources]
}

run "refuses_a_batching_window_above_five_minutes" {
  command = plan

  variables {
    stream_sources = { status = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000", maximum_batching_window_in_seconds = 301 } }
  }

  expect_failures = [var.stream_sources]
}

run "refuses_an_unknown_starting_position" {
  command = plan

  variables {
    stream_sources = { status = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000", starting_position = "NEWEST" } }
  }

  expect_failures = [var.stream_sources]
}

run "refuses_more_retries_than_lambda_makes" {
  command = plan

  variables {
    stream_sources = { status = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000", maximum_retry_attempts = 10001 } }
  }

  expect_failures = [var.stream_sources]
}

run "refuses_more_than_ten_readers_a_shard" {
  command = plan

  variables {
    stream_sources = { status = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000", parallelization_factor = 11 } }
  }

  expect_failures = [var.stream_sources]
}

run "refuses_a_filter_that_is_no_json" {
  command = plan

  variables {
    stream_sources = { status = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000", filters = ["eventName = MODIFY"] } }
  }

  expect_failures = [var.stream_sources]
}

run "refuses_a_queue_whose_retries_block_the_rest" {
  command = plan

  variables {
    queue_sources = { wake = { queue_arn = "arn:aws:sqs:us-east-1:111122223333:wake.fifo" } }
  }

  expect_failures = [var.queue_sources]
}

run "refuses_to_wait_more_than_five_minutes_for_messages" {
  command = plan

  variables {
    queue_sources = { wake = { queue_arn = "arn:aws:sqs:us-east-1:111122223333:wake", maximum_batching_window_in_seconds = 301 } }
  }

  expect_failures = [var.queue_sources]
}

run "refuses_a_batch_of_messages_that_needs_a_window" {
  command = plan

  variables {
    queue_sources = { wake = { queue_arn = "arn:aws:sqs:us-east-1:111122223333:wake", batch_size = 11 } }
  }

  expect_failures = [var.queue_sources]
}

run "refuses_a_concurrency_of_one" {
  command = plan

  variables {
    queue_sources = { wake = { queue_arn = "arn:aws:sqs:us-east-1:111122223333:wake", maximum_concurrency = 1 } }
  }

  expect_failures = [var.queue_sources]
}

run "refuses_a_policy_that_iam_would_find_too_long" {
  command = plan

  variables {
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = [for i in range(300) : "arn:aws:s3:::example-bucket-${i}/some-prefix/*"] }]
    })
  }

  expect_failures = [aws_iam_role_policy.this]
}
