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

run "the_api_reads_records_and_sends_messages_and_moves_no_file" {
  command = plan

  assert {
    condition = jsondecode(local.api_handler_policy).Statement == [
      { Sid = "ReadTransfers", Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-FileTransferStatus"] },
      { Sid = "ReadFailures", Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:GetItem"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferFailureQueue"] },
      { Sid = "ReadNotifications", Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferNotificationLog"] },
      { Sid = "ReadTrail", Effect = "Allow", Action = ["dynamodb:Query"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-CustomerFileIndex", "arn:aws:dynamodb:us-east-1:111122223333:table/dev-FileTransferAuditLog"] },
      { Sid = "ListRecords", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-FileTransferStatus/index/DateStatusIndex",
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferExpectation/index/StatusIndex",
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferFailureQueue/index/FailureByCustomer",
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferFailureQueue/index/FailureByWorkflow",
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferNotificationLog/index/FailedNotificationIndex",
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-WorkflowDefinition/index/KindIndex",
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-WorkflowDefinition/index/SourcePrefixIndex",
      ] },
      { Sid = "KeepDefinitions", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-WorkflowDefinition"] },
      { Sid = "AcknowledgeWindows", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:UpdateItem"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferExpectation"] },
      { Sid = "KeepReplays", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-FileTransferControl"], Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["REPLAY#*"] } } },
      { Sid = "SendMessages", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = ["arn:aws:sqs:us-east-1:111122223333:intake", "arn:aws:sqs:us-east-1:111122223333:queue", "arn:aws:sqs:us-east-1:111122223333:orders"] },
      { Sid = "LookAtDeadLetters", Effect = "Allow", Action = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"], Resource = ["arn:aws:sqs:us-east-1:111122223333:intake-dlq"] },
    ]
    error_message = "The API may do more, or less, than its operations need."
  }

  assert {
    condition     = !strcontains(local.api_handler_policy, "s3:") && !strcontains(local.api_handler_policy, "\"*\"")
    error_message = "The API could read or write files, or something that is not named."
  }
}

run "a_replay_reads_failures_and_sends_messages" {
  command = plan

  assert {
    condition = jsondecode(local.replay_failures_policy).Statement == [
      { Sid = "ReadFailures", Effect = "Allow", Action = ["dynamodb:BatchGetItem"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferFailureQueue"] },
      { Sid = "ListFailures", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferFailureQueue/index/FailureByCustomer",
        "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferFailureQueue/index/FailureByWorkflow",
      ] },
      { Sid = "KeepReplays", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/dev-FileTransferControl"], Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["REPLAY#*"] } } },
      { Sid = "SendMessages", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = ["arn:aws:sqs:us-east-1:111122223333:intake", "arn:aws:sqs:us-east-1:111122223333:queue"] },
    ]
    error_message = "Replays may do more, or less, than they need."
  }
}

run "a_key_of_one_s_own_may_be_used" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition = alltrue([for policy in [local.api_handler_policy, local.replay_failures_policy] : [
      for statement in jsondecode(policy).Statement : statement.Resource if statement.Sid == "UseKey"
    ] == [["arn:aws:kms:us-east-1:111122223333:key/1"]]])
    error_message = "What is encrypted with the key could not be read."
  }
}
