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

run "orders_are_read_in_batches_and_late_ones_come_again" {
  command = plan

  assert {
    condition     = local.functions["deliver-notifications"].queue_sources["orders"].queue_arn == "arn:aws:sqs:us-east-1:111122223333:file-transfer-notification-orders"
    error_message = "Orders are read from another queue than the core writes them to."
  }

  assert {
    condition     = local.functions["deliver-notifications"].environment.DELIVERY_LEASE_SECONDS == "60"
    error_message = "A claim must hold as long as an invocation may live."
  }

  assert {
    condition     = local.functions["deliver-notifications"].environment.ALLOWED_NETWORKS == "[]"
    error_message = "Without being asked no network that is not public may be reached."
  }
}

run "digests_and_checks_run_on_schedules_of_their_own" {
  command = plan

  variables {
    schedules = { digests = "rate(10 minutes)", expectations = "rate(1 minute)" }
  }

  assert {
    condition     = local.schedules == { "send-digests" = "rate(10 minutes)", "check-expectations" = "rate(1 minute)" }
    error_message = "Each function has its own schedule."
  }
}

run "somebody_is_called_when_notifications_fail_and_when_nobody_checks" {
  command = plan

  assert {
    condition     = toset(keys(merge(local.function_alarms, local.system_alarms))) == toset(["deliver-notifications-errors", "send-digests-errors", "check-expectations-errors", "channels-failed", "expectations-missed", "expectations-unchecked"])
    error_message = "There are other alarms."
  }

  assert {
    condition     = local.system_alarms["expectations-unchecked"].treat_missing_data == "breaching"
    error_message = "A function that never runs has no data, and that is what the alarm is about."
  }
}
