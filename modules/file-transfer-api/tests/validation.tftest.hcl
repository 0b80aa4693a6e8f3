mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name    = "file-transfer"
  package = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }

  file_transfer = {
    landing_bucket  = { name = "example-landing" }
    source_prefixes = ["from-sftp/"]
    sftp_targets    = { partner = { bucket = "example-partner", prefix = "home/" } }
    limits          = { copy_object_bytes = 5368709120, large_file_bytes = 107374182400, max_copy_bytes = 107374182400 }
    add_ons         = { content = true, connectors = false, large_files = false, notifications = true }
    table_names     = { for name in ["FileTransferStatus", "CustomerFileIndex", "WorkflowDefinition", "FileTransferAuditLog", "TransferFailureQueue", "TransferNotificationLog", "FileTransferControl", "TransferExpectation"] : name => "dev-${name}" }
    table_arns      = { for name in ["FileTransferStatus", "CustomerFileIndex", "WorkflowDefinition", "FileTransferAuditLog", "TransferFailureQueue", "TransferNotificationLog", "FileTransferControl", "TransferExpectation"] : name => "arn:aws:dynamodb:us-east-1:111122223333:table/dev-${name}" }
    index_arns = {
      FileTransferStatus      = { DateStatusIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/dev-FileTransferStatus/index/DateStatusIndex" }
      WorkflowDefinition      = { for index in ["KindIndex", "SourcePrefixIndex", "SftpUserIndex"] : index => "arn:aws:dynamodb:us-east-1:111122223333:table/dev-WorkflowDefinition/index/${index}" }
      TransferFailureQueue    = { for index in ["FailureByCustomer", "FailureByWorkflow"] : index => "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferFailureQueue/index/${index}" }
      TransferNotificationLog = { FailedNotificationIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferNotificationLog/index/FailedNotificationIndex" }
      TransferExpectation     = { StatusIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferExpectation/index/StatusIndex" }
    }
    queue              = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/intake", arn = "arn:aws:sqs:us-east-1:111122223333:intake" }
    dead_letter_queue  = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/intake-dlq", arn = "arn:aws:sqs:us-east-1:111122223333:intake-dlq" }
    notification_queue = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/orders", arn = "arn:aws:sqs:us-east-1:111122223333:orders" }
    layer_arn          = "arn:aws:lambda:us-east-1:111122223333:layer:dependencies:1"
  }
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "FileTransfer"
  }

  expect_failures = [var.name]
}

run "a_package_without_a_place" {
  command = plan

  variables {
    package = {}
  }

  expect_failures = [var.package]
}

run "a_package_file_without_its_hash" {
  command = plan

  variables {
    package = { filename = "file_transfer.zip" }
  }

  expect_failures = [var.package]
}

run "a_permission_that_no_operation_asks_for" {
  command = plan

  variables {
    people = { groups = { king = { permissions = ["rule"] } } }
  }

  expect_failures = [var.people]
}

run "configuring_for_one_customer_only" {
  command = plan

  variables {
    people = { groups = { bank = { permissions = ["view", "configure"], customers = ["bankpacific"] } } }
  }

  expect_failures = [var.people]
}

run "one_replay_at_a_time" {
  command = plan

  variables {
    replays = { at_once = 1 }
  }

  expect_failures = [var.replays]
}

run "a_turn_that_ends_before_its_page" {
  command = plan

  variables {
    replays = { function_timeout_seconds = 10 }
  }

  expect_failures = [var.replays]
}

run "a_level_that_nobody_logs_at" {
  command = plan

  variables {
    log_level = "LOUD"
  }

  expect_failures = [var.log_level]
}

run "days_that_cloudwatch_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 42
  }

  expect_failures = [var.log_retention_days]
}
