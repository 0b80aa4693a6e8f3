# What each function may do: exact actions on exact resources. The end-to-end tests compare them with the calls that the
# local cloud saw.
locals {
  connector_arns = sort([for connector in values(aws_transfer_connector.this) : connector.arn])
  line_index_arn = module.tables.index_arns["ConnectorTransfer"]["LineIndex"]
  workflow_arn   = var.file_transfer.table_arns["WorkflowDefinition"]

  # Fetched files may land where arrivals are watched for, and nowhere else.
  landing_objects = length(var.file_transfer.source_prefixes) == 0 ? ["${local.landing_arn}/*"] : [
    for prefix in var.file_transfer.source_prefixes : "${local.landing_arn}/${prefix}*"
  ]
  sources = concat([local.landing_arn], var.content_bucket_arn == null ? [] : [var.content_bucket_arn])

  # Without a connector there is nothing that these statements could name, and IAM refuses a list without resources.
  connector_actions = {
    send-to-connectors = ["transfer:StartFileTransfer"]
    connector-events   = ["transfer:StartFileTransfer", "transfer:StartRemoteDelete", "transfer:StartRemoteMove"]
    start-pulls        = ["transfer:ListFileTransferResults", "transfer:StartDirectoryListing"]
  }
  connector_statements = {
    for key, actions in local.connector_actions : key => length(local.connector_arns) == 0 ? [] : [
      { Sid = "UseConnectors", Effect = "Allow", Action = actions, Resource = local.connector_arns },
    ]
  }

  kms_statements = var.kms_key_arn == null ? [] : [
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
  ]

  send_to_connectors_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ReadSource", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = [for arn in local.sources : "${arn}/*"] },
      # Gives an object that is gone the 404 that says so, instead of a 403.
      { Sid = "TellMissingFromDenied", Effect = "Allow", Action = ["s3:ListBucket"], Resource = concat(local.sources, [local.exchange_arn]) },
      { Sid = "FillOutbox", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], Resource = ["${local.exchange_arn}/outbox/*"] },
      { Sid = "KeepLines", Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], Resource = [local.table_arn] },
      { Sid = "ReadLines", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.line_index_arn] },
      { Sid = "TellOutcome", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [var.file_transfer.queue.arn, var.file_transfer.connector_queue.arn] },
    ], local.connector_statements["send-to-connectors"], local.kms_statements)
  })

  connector_events_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ReadFetched", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = ["${local.exchange_arn}/inbox/*"] },
      { Sid = "ReadListings", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.exchange_arn}/listings/*"] },
      { Sid = "Land", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], Resource = local.landing_objects },
      { Sid = "TellMissingFromDenied", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.landing_arn, local.exchange_arn] },
      { Sid = "KeepLines", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], Resource = [local.table_arn] },
      { Sid = "ReadLines", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.line_index_arn] },
      { Sid = "ReadPulls", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = [local.workflow_arn] },
      { Sid = "TellOutcome", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [var.file_transfer.queue.arn, var.file_transfer.connector_queue.arn] },
    ], local.connector_statements["connector-events"], local.kms_statements)
  })

  start_pulls_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "LookForFetched", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.exchange_arn}/inbox/*"] },
      { Sid = "TellMissingFromDenied", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.exchange_arn] },
      { Sid = "TakeBackOutbox", Effect = "Allow", Action = ["s3:DeleteObject"], Resource = ["${local.exchange_arn}/outbox/*"] },
      { Sid = "NoteListings", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:UpdateItem"], Resource = [local.table_arn] },
      { Sid = "ReadLines", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.line_index_arn, var.file_transfer.index_arns["WorkflowDefinition"]["KindIndex"]] },
      { Sid = "ReadPulls", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = [local.workflow_arn] },
      { Sid = "SayWhatWasMissed", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [module.events.queue_arn, var.file_transfer.connector_queue.arn] },
    ], local.connector_statements["start-pulls"], local.kms_statements)
  })
}
