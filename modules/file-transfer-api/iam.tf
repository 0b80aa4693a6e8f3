# What the two functions may do: exact actions on exact resources. The API moves no file and reads none; whatever is done about
# a transfer is a message to the intake. tests/e2e/file_transfer/test_api_permissions.py compares this with the calls that the
# local cloud saw.
locals {
  arns    = var.file_transfer.table_arns
  indexes = var.file_transfer.index_arns

  kms_statements = var.kms_key_arn == null ? [] : [
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
  ]

  order_queue_arns = local.sends_orders ? [var.file_transfer.notification_queue.arn] : []

  api_handler_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ReadTransfers", Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], Resource = [local.arns["FileTransferStatus"]] },
      { Sid = "ReadFailures", Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:GetItem"], Resource = [local.arns["TransferFailureQueue"]] },
      { Sid = "ReadNotifications", Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], Resource = [local.arns["TransferNotificationLog"]] },
      { Sid = "ReadTrail", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.arns["CustomerFileIndex"], local.arns["FileTransferAuditLog"]] },
      { Sid = "ListRecords", Effect = "Allow", Action = ["dynamodb:Query"], Resource = sort(concat(
        values(local.indexes["FileTransferStatus"]),
        values(local.indexes["TransferFailureQueue"]),
        values(local.indexes["TransferNotificationLog"]),
        values(local.indexes["TransferExpectation"]),
        [local.indexes["WorkflowDefinition"]["KindIndex"], local.indexes["WorkflowDefinition"]["SourcePrefixIndex"]],
      )) },
      { Sid = "KeepDefinitions", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"], Resource = [local.arns["WorkflowDefinition"]] },
      { Sid = "AcknowledgeWindows", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:UpdateItem"], Resource = [local.arns["TransferExpectation"]] },
      { Sid = "KeepReplays", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = [local.arns["FileTransferControl"]], Condition = local.replays_only },
      { Sid = "SendMessages", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = concat([var.file_transfer.queue.arn, module.replays.queue_arn], local.order_queue_arns) },
      { Sid = "LookAtDeadLetters", Effect = "Allow", Action = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"], Resource = [var.file_transfer.dead_letter_queue.arn] },
    ], local.kms_statements)
  })

  replay_failures_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ReadFailures", Effect = "Allow", Action = ["dynamodb:BatchGetItem"], Resource = [local.arns["TransferFailureQueue"]] },
      { Sid = "ListFailures", Effect = "Allow", Action = ["dynamodb:Query"], Resource = sort(values(local.indexes["TransferFailureQueue"])) },
      { Sid = "KeepReplays", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = [local.arns["FileTransferControl"]], Condition = local.replays_only },
      { Sid = "SendMessages", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [var.file_transfer.queue.arn, module.replays.queue_arn] },
    ], local.kms_statements)
  })

  # The table also holds the cursors of the sweep and the groups of files: none of the API's business.
  replays_only = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["REPLAY#*"] } }
}
