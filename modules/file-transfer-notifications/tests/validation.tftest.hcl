mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name    = "file-transfer"
  package = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  file_transfer = {
    table_names = {
      FileTransferStatus      = "FileTransferStatus"
      WorkflowDefinition      = "WorkflowDefinition"
      TransferNotificationLog = "TransferNotificationLog"
      FileTransferControl     = "FileTransferControl"
      TransferExpectation     = "TransferExpectation"
    }
    table_arns = {
      FileTransferStatus      = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferStatus"
      WorkflowDefinition      = "arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition"
      TransferNotificationLog = "arn:aws:dynamodb:us-east-1:111122223333:table/TransferNotificationLog"
      FileTransferControl     = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferControl"
      TransferExpectation     = "arn:aws:dynamodb:us-east-1:111122223333:table/TransferExpectation"
    }
    index_arns = {
      FileTransferStatus  = { WorkflowStatusIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferStatus/index/WorkflowStatusIndex" }
      WorkflowDefinition  = { KindIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition/index/KindIndex" }
      TransferExpectation = { StatusIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/TransferExpectation/index/StatusIndex" }
    }
    notification_queue = {
      url             = "https://sqs.us-east-1.amazonaws.com/111122223333/file-transfer-notification-orders"
      arn             = "arn:aws:sqs:us-east-1:111122223333:file-transfer-notification-orders"
      dead_letter_url = "https://sqs.us-east-1.amazonaws.com/111122223333/file-transfer-notification-orders-dlq"
      dead_letter_arn = "arn:aws:sqs:us-east-1:111122223333:file-transfer-notification-orders-dlq"
    }
    topic_arn = "arn:aws:sns:us-east-1:111122223333:file-transfer-notify"
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

run "two_packages" {
  command = plan

  variables {
    package = { filename = "a.zip", source_code_hash = "x", s3_bucket = "b", s3_key = "k" }
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

run "something_else_than_a_secret" {
  command = plan

  variables {
    channel_access = { secret_arns = ["arn:aws:secretsmanager:us-east-1:111122223333:secret:*"] }
  }

  expect_failures = [var.channel_access]
}

run "something_else_than_a_topic" {
  command = plan

  variables {
    channel_access = { topic_arns = ["arn:aws:sns:us-east-1:111122223333:*"] }
  }

  expect_failures = [var.channel_access]
}

run "no_attempt" {
  command = plan

  variables {
    delivery = { max_attempts = 0 }
  }

  expect_failures = [var.delivery]
}

run "longer_than_sqs_hides" {
  command = plan

  variables {
    delivery = { retry_max_seconds = 50000 }
  }

  expect_failures = [var.delivery]
}

run "a_function_shorter_than_its_request" {
  command = plan

  variables {
    delivery = { request_seconds = 60 }
  }

  expect_failures = [var.delivery]
}

run "a_batch_that_is_too_large" {
  command = plan

  variables {
    delivery = { batch_size = 11 }
  }

  expect_failures = [var.delivery]
}

run "a_concurrency_that_lambda_refuses" {
  command = plan

  variables {
    delivery = { maximum_concurrency = 1 }
  }

  expect_failures = [var.delivery]
}

run "a_network_of_everything" {
  command = plan

  variables {
    delivery = { allowed_networks = ["0.0.0.0/0"] }
  }

  expect_failures = [var.delivery]
}

run "no_grace" {
  command = plan

  variables {
    schedules = { grace_seconds = 0 }
  }

  expect_failures = [var.schedules]
}

run "windows_that_are_forgotten_at_once" {
  command = plan

  variables {
    schedules = { retention_days = 1 }
  }

  expect_failures = [var.schedules]
}

run "an_unknown_log_level" {
  command = plan

  variables {
    log_level = "LOUD"
  }

  expect_failures = [var.log_level]
}

run "an_unknown_retention" {
  command = plan

  variables {
    log_retention_days = 10
  }

  expect_failures = [var.log_retention_days]
}

run "a_core_that_orders_nothing" {
  command = plan

  variables {
    file_transfer = {
      table_names        = {}
      table_arns         = {}
      index_arns         = {}
      notification_queue = null
      topic_arn          = "arn:aws:sns:us-east-1:111122223333:file-transfer-notify"
      layer_arn          = "arn:aws:lambda:us-east-1:111122223333:layer:file-transfer-dependencies:1"
    }
  }

  expect_failures = [var.file_transfer]
}
