mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name          = "file-transfer"
  package       = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  content_layer = { s3_bucket = "artifacts", s3_key = "layer-content.zip" }
  work_bucket   = { name = "work" }

  file_transfer = {
    landing_bucket = { arn = "arn:aws:s3:::landing-zone" }
    table_names    = { FileTransferControl = "FileTransferControl", WorkflowDefinition = "WorkflowDefinition" }
    table_arns = {
      FileTransferControl = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferControl"
      WorkflowDefinition  = "arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition"
    }
    queue     = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/file-transfer-queue", arn = "arn:aws:sqs:us-east-1:111122223333:file-transfer-queue" }
    layer_arn = "arn:aws:lambda:us-east-1:111122223333:layer:common:1"
  }
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "FileTransfer"
  }

  expect_failures = [var.name]
}

run "content_kept_for_less_than_no_day" {
  command = plan

  variables {
    work_bucket = { name = "work", keep_days = -1 }
  }

  expect_failures = [var.work_bucket]
}

run "a_secret_by_its_name" {
  command = plan

  variables {
    secret_arns = { ours = "our-key" }
  }

  expect_failures = [var.secret_arns]
}

run "more_time_than_the_machine_has" {
  command = plan

  variables {
    preparation = { timeout_seconds = 300 }
  }

  expect_failures = [var.preparation]
}

run "a_delay_longer_than_sqs_knows" {
  command = plan

  variables {
    preparation = { release_delay_seconds = 901 }
  }

  expect_failures = [var.preparation]
}

run "more_room_than_lambda_has" {
  command = plan

  variables {
    preparation = { ephemeral_storage_mb = 20480 }
  }

  expect_failures = [var.preparation]
}

run "two_packages" {
  command = plan

  variables {
    package = { s3_bucket = "artifacts", s3_key = "a.zip", filename = "a.zip", source_code_hash = "x" }
  }

  expect_failures = [var.package]
}

run "a_package_without_its_hash" {
  command = plan

  variables {
    package = { filename = "a.zip" }
  }

  expect_failures = [var.package]
}

run "a_layer_that_is_nowhere" {
  command = plan

  variables {
    content_layer = {}
  }

  expect_failures = [var.content_layer]
}

run "a_retention_that_cloudwatch_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 100
  }

  expect_failures = [var.log_retention_days]
}
