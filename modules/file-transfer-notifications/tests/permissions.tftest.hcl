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

run "who_tells_channels_reads_definitions_keeps_the_log_and_publishes_to_the_topic" {
  command = plan

  assert {
    condition = { for statement in jsondecode(local.deliver_notifications_policy).Statement : statement.Sid => [statement.Action, statement.Resource] } == {
      ReadChannels   = [["dynamodb:GetItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition"]]
      KeepLog        = [["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/TransferNotificationLog"]]
      GatherDigests  = [["dynamodb:PutItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferControl"]]
      RepeatOutcome  = [["dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferStatus"]]
      Order          = [["sqs:SendMessage"], ["arn:aws:sqs:us-east-1:111122223333:file-transfer-notification-orders"]]
      ComeAgainLater = [["sqs:ChangeMessageVisibility"], ["arn:aws:sqs:us-east-1:111122223333:file-transfer-notification-orders"]]
      PutAside       = [["sqs:SendMessage"], ["arn:aws:sqs:us-east-1:111122223333:file-transfer-notification-orders-dlq"]]
      Publish        = [["sns:Publish"], ["arn:aws:sns:us-east-1:111122223333:file-transfer-notify"]]
    }
    error_message = "deliver-notifications may do more or less: without channel_access no secret and no other topic is within reach."
  }
}

run "secrets_and_topics_are_those_that_were_named" {
  command = plan

  variables {
    channel_access = {
      secret_arns         = ["arn:aws:secretsmanager:us-east-1:111122223333:secret:file-transfer/channels/*"]
      secret_kms_key_arns = ["arn:aws:kms:us-east-1:111122223333:key/b3f0e6e8-0000-4000-8000-000000000001"]
      topic_arns          = ["arn:aws:sns:us-east-1:111122223333:bank-operations"]
    }
  }

  assert {
    condition = { for statement in jsondecode(local.deliver_notifications_policy).Statement : statement.Sid => [statement.Action, statement.Resource] if contains(["ReadSecrets", "DecryptSecrets", "Publish"], statement.Sid) } == {
      ReadSecrets    = [["secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:us-east-1:111122223333:secret:file-transfer/channels/*"]]
      DecryptSecrets = [["kms:Decrypt"], ["arn:aws:kms:us-east-1:111122223333:key/b3f0e6e8-0000-4000-8000-000000000001"]]
      Publish        = [["sns:Publish"], ["arn:aws:sns:us-east-1:111122223333:bank-operations", "arn:aws:sns:us-east-1:111122223333:file-transfer-notify"]]
    }
    error_message = "Secrets and topics are not exactly those of channel_access."
  }
}

run "digests_are_read_closed_and_ordered_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(local.send_digests_policy).Statement == [
      { Sid = "CloseDigests", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:Query"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferControl"] },
      { Sid = "Order", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = ["arn:aws:sqs:us-east-1:111122223333:file-transfer-notification-orders"] },
    ]
    error_message = "send-digests may do more or less."
  }
}

run "who_checks_reads_files_and_keeps_windows" {
  command = plan

  assert {
    condition = { for statement in jsondecode(local.check_expectations_policy).Statement : statement.Sid => [statement.Action, statement.Resource] } == {
      ReadExpectations = [["dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition/index/KindIndex"]]
      FindFiles        = [["dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferStatus/index/WorkflowStatusIndex"]]
      ReadFiles        = [["dynamodb:BatchGetItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferStatus"]]
      KeepWindows      = [["dynamodb:PutItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/TransferExpectation"]]
      FindWindows      = [["dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/TransferExpectation/index/StatusIndex"]]
      RememberRounds   = [["dynamodb:GetItem", "dynamodb:PutItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferControl"]]
      Order            = [["sqs:SendMessage"], ["arn:aws:sqs:us-east-1:111122223333:file-transfer-notification-orders"]]
    }
    error_message = "check-expectations may do more or less: it writes no transfer."
  }
}

run "a_key_of_the_customer_is_used_by_all" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/b3f0e6e8-0000-4000-8000-000000000002"
  }

  assert {
    condition     = alltrue([for policy in [local.deliver_notifications_policy, local.send_digests_policy, local.check_expectations_policy] : contains(jsondecode(policy).Statement[*].Sid, "UseKey")])
    error_message = "Tables and queues are encrypted with the key, and a function may not use it."
  }
}
