# What each function may do: exact actions on exact resources. Who writes definitions chooses secrets and topics; only
# those of channel_access are within reach.
locals {
  table_arns = var.file_transfer.table_arns
  index_arns = var.file_transfer.index_arns

  own_kms_arns    = var.kms_key_arn == null ? [] : [var.kms_key_arn]
  kms_statements  = var.kms_key_arn == null ? [] : [{ Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = local.own_kms_arns }]
  order_statement = { Sid = "Order", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local.queue.arn] }

  secret_statements = concat(
    length(var.channel_access.secret_arns) == 0 ? [] : [
      { Sid = "ReadSecrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = sort(var.channel_access.secret_arns) },
    ],
    length(var.channel_access.secret_kms_key_arns) == 0 ? [] : [
      { Sid = "DecryptSecrets", Effect = "Allow", Action = ["kms:Decrypt"], Resource = sort(var.channel_access.secret_kms_key_arns) },
    ],
  )

  deliver_notifications_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ReadChannels", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = [local.table_arns["WorkflowDefinition"]] },
      { Sid = "KeepLog", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], Resource = [local.table_arns["TransferNotificationLog"]] },
      { Sid = "GatherDigests", Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = [local.table_arns["FileTransferControl"]] },
      # What the topic was told is not kept in the log: to repeat it, it is read off the transfer.
      { Sid = "RepeatOutcome", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.table_arns["FileTransferStatus"]] },
      local.order_statement,
      { Sid = "ComeAgainLater", Effect = "Allow", Action = ["sqs:ChangeMessageVisibility"], Resource = [local.queue.arn] },
      { Sid = "PutAside", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local.queue.dead_letter_arn] },
      { Sid = "Publish", Effect = "Allow", Action = ["sns:Publish"], Resource = sort(concat([var.file_transfer.topic_arn], var.channel_access.topic_arns)) },
    ], local.secret_statements, local.kms_statements)
  })

  send_digests_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "CloseDigests", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:Query"], Resource = [local.table_arns["FileTransferControl"]] },
      local.order_statement,
    ], local.kms_statements)
  })

  check_expectations_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ReadExpectations", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.index_arns["WorkflowDefinition"]["KindIndex"]] },
      { Sid = "FindFiles", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.index_arns["FileTransferStatus"]["WorkflowStatusIndex"]] },
      { Sid = "ReadFiles", Effect = "Allow", Action = ["dynamodb:BatchGetItem"], Resource = [local.table_arns["FileTransferStatus"]] },
      { Sid = "KeepWindows", Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = [local.table_arns["TransferExpectation"]] },
      { Sid = "FindWindows", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.index_arns["TransferExpectation"]["StatusIndex"]] },
      { Sid = "RememberRounds", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = [local.table_arns["FileTransferControl"]] },
      local.order_statement,
    ], local.kms_statements)
  })
}
