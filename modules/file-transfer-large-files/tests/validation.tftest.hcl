mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                = "file-transfer"
  definition_template = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\"Output\":\"$${queue_url} $${copy_timeout_seconds} $${batches_at_once}\"}}}"
  package             = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  file_transfer = {
    landing_bucket  = { name = "landing-zone", arn = "arn:aws:s3:::landing-zone" }
    source_prefixes = ["from-sftp/"]
    limits          = { max_copy_bytes = 53687091200000 }
    targets         = { objects = ["arn:aws:s3:::archive/kept/*"], buckets = ["arn:aws:s3:::archive"] }
    table_names     = { FileTransferControl = "FileTransferControl" }
    table_arns      = { FileTransferControl = "arn:aws:dynamodb:us-east-1:123456789012:table/FileTransferControl" }
    queue           = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/intake", arn = "arn:aws:sqs:us-east-1:123456789012:intake" }
    layer_arn       = "arn:aws:lambda:us-east-1:123456789012:layer:layer:1"
  }
}

# Each value that a caller must not pass.

run "a_name_that_iam_refuses_is_refused" {
  command = plan

  variables {
    name = "Large Files"
  }

  expect_failures = [var.name]
}

run "a_package_that_names_no_zip_is_refused" {
  command = plan

  variables {
    package = {}
  }

  expect_failures = [var.package]
}

run "a_file_without_its_hash_is_refused" {
  command = plan

  variables {
    package = { filename = "x.zip" }
  }

  expect_failures = [var.package]
}

run "parts_that_s3_refuses_are_refused" {
  command = plan

  variables {
    large_files = { part_bytes = 1048576 }
  }

  expect_failures = [var.large_files]
}

run "batches_without_parts_are_refused" {
  command = plan

  variables {
    large_files = { batch_parts = 0 }
  }

  expect_failures = [var.large_files]
}

run "more_batches_than_step_functions_runs_is_refused" {
  command = plan

  variables {
    large_files = { batches_at_once = 41 }
  }

  expect_failures = [var.large_files]
}

run "invocations_longer_than_lambda_runs_are_refused" {
  command = plan

  variables {
    large_files = { copy_timeout_seconds = 901 }
  }

  expect_failures = [var.large_files]
}

run "a_whole_that_ends_before_a_part_of_it_is_refused" {
  command = plan

  variables {
    large_files = { timeout_seconds = 900 }
  }

  expect_failures = [var.large_files]
}

run "uploads_that_are_forgotten_at_once_are_refused" {
  command = plan

  variables {
    large_files = { upload_days = 0 }
  }

  expect_failures = [var.large_files]
}

run "days_that_cloudwatch_does_not_offer_are_refused" {
  command = plan

  variables {
    log_retention_days = 42
  }

  expect_failures = [var.log_retention_days]
}

run "a_definition_that_is_no_machine_is_refused" {
  command = plan

  variables {
    definition_template = "{}"
  }

  expect_failures = [var.definition_template]
}
