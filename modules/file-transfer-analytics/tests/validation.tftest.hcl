mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name             = "file-transfer"
  package          = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  analytics_bucket = { name = "example-analytics", results_name = "example-analytics-results" }
  file_transfer = {
    table_names = {
      FileTransferStatus      = "FileTransferStatus"
      TransferNotificationLog = "TransferNotificationLog"
      TransferFailureQueue    = "TransferFailureQueue"
    }
    stream_arns = {
      FileTransferStatus      = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferStatus/stream/2026-01-01T00:00:00.000"
      TransferNotificationLog = "arn:aws:dynamodb:us-east-1:111122223333:table/TransferNotificationLog/stream/2026-01-01T00:00:00.000"
      TransferFailureQueue    = "arn:aws:dynamodb:us-east-1:111122223333:table/TransferFailureQueue/stream/2026-01-01T00:00:00.000"
    }
    layer_arn = "arn:aws:lambda:us-east-1:111122223333:layer:file-transfer-dependencies:1"
  }
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "FileTransfer"
  }

  expect_failures = [var.name]
}

run "answers_among_the_rows" {
  command = plan

  variables {
    analytics_bucket = { name = "example-analytics", results_name = "example-analytics" }
  }

  expect_failures = [var.analytics_bucket]
}

run "a_window_longer_than_lambda_gathers" {
  command = plan

  variables {
    rows = { window_seconds = 301 }
  }

  expect_failures = [var.rows]
}

run "objects_smaller_than_firehose_makes" {
  command = plan

  variables {
    rows = { buffer_seconds = 30 }
  }

  expect_failures = [var.rows]
}

run "a_first_day_that_is_none" {
  command = plan

  variables {
    queries = { first_day = "yesterday" }
  }

  expect_failures = [var.queries]
}

run "a_cutoff_that_athena_does_not_take" {
  command = plan

  variables {
    queries = { cutoff_bytes = 1 }
  }

  expect_failures = [var.queries]
}

run "two_packages" {
  command = plan

  variables {
    package = { filename = "a.zip", s3_bucket = "b", s3_key = "c" }
  }

  expect_failures = [var.package]
}

run "a_zip_without_its_hash" {
  command = plan

  variables {
    package = { filename = "a.zip" }
  }

  expect_failures = [var.package]
}

run "an_unknown_log_level" {
  command = plan

  variables {
    log_level = "LOUD"
  }

  expect_failures = [var.log_level]
}

run "a_log_retention_that_is_not_offered" {
  command = plan

  variables {
    log_retention_days = 2
  }

  expect_failures = [var.log_retention_days]
}
