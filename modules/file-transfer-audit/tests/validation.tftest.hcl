mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name         = "file-transfer"
  package      = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  audit_bucket = { name = "example-audit" }
  file_transfer = {
    stream_arns = { FileTransferAuditLog = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferAuditLog/stream/2026-01-01T00:00:00.000" }
    layer_arn   = "arn:aws:lambda:us-east-1:111122223333:layer:file-transfer-dependencies:1"
  }
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "FileTransfer"
  }

  expect_failures = [var.name]
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

run "a_window_longer_than_lambda_gathers" {
  command = plan

  variables {
    export = { window_seconds = 301 }
  }

  expect_failures = [var.export]
}

run "a_seal_that_does_not_wait_for_exports" {
  command = plan

  variables {
    export = { seal_after_seconds = 60 }
  }

  expect_failures = [var.export]
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
