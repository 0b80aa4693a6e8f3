# What each function and the machine may do: exact actions on exact resources. tests/e2e/file_transfer/test_least_privilege.py compares
# them with the calls that the local cloud saw over the whole suite.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.id

  landing_arn     = module.landing_bucket.arn
  landing_objects = "${module.landing_bucket.arn}/*"
  target_objects  = sort([for target in values(var.targets) : "arn:${local.partition}:s3:::${target.bucket}/${target.prefix}*"])
  target_buckets  = sort(distinct([for target in values(var.targets) : "arn:${local.partition}:s3:::${target.bucket}"]))

  # What is prepared (decrypted, unpacked) lies in the add-on's bucket, and is copied from there.
  content_objects = var.settings.add_ons.content_bucket == null ? [] : ["arn:${local.partition}:s3:::${var.settings.add_ons.content_bucket}/*"]
  content_buckets = var.settings.add_ons.content_bucket == null ? [] : ["arn:${local.partition}:s3:::${var.settings.add_ons.content_bucket}"]

  status_arn = module.tables.arns["FileTransferStatus"]

  kms_statements = var.kms_key_arn == null ? [] : [
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
  ]

  validate_input_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "HeadArrival", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = concat([local.landing_objects], local.content_objects) },
      # ListBucket turns the 403 of a HEAD on a deleted object into an honest 404; ListBucketVersions finds the version of an event.
      { Sid = "FindVersion", Effect = "Allow", Action = ["s3:ListBucket", "s3:ListBucketVersions"], Resource = concat([local.landing_arn], local.content_buckets) },
      { Sid = "ClaimTransfer", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], Resource = [local.status_arn] },
      { Sid = "ReadWorkflow", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = [module.tables.arns["WorkflowDefinition"]] },
      { Sid = "FindWorkflow", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [module.tables.index_arns["WorkflowDefinition"]["SourcePrefixIndex"]] },
    ], local.kms_statements)
  })

  copy_object_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ReadSource", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = concat([local.landing_objects], local.content_objects) },
      { Sid = "OrderVersions", Effect = "Allow", Action = ["s3:ListBucket", "s3:ListBucketVersions"], Resource = concat([local.landing_arn], local.content_buckets) },
      { Sid = "WriteTarget", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], Resource = local.target_objects },
      { Sid = "TellMissingFromDenied", Effect = "Allow", Action = ["s3:ListBucket"], Resource = local.target_buckets },
    ], local.kms_statements)
  })

  record_status_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      # Append-only: no UpdateItem, no DeleteItem on the audit log.
      { Sid = "AppendAudit", Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:Query"], Resource = [module.tables.arns["FileTransferAuditLog"]] },
      { Sid = "WriteViews", Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = [module.tables.arns["CustomerFileIndex"], module.tables.arns["TransferFailureQueue"]] },
      { Sid = "LogNotification", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = [module.tables.arns["TransferNotificationLog"]] },
      # A replay is marked where the failure is told; nothing is ever taken away.
      { Sid = "MarkReplayed", Effect = "Allow", Action = ["dynamodb:UpdateItem"], Resource = [module.tables.arns["TransferFailureQueue"]] },
      { Sid = "Notify", Effect = "Allow", Action = ["sns:Publish"], Resource = [aws_sns_topic.notify.arn] },
      ], var.settings.add_ons.notifications ? [
      { Sid = "OrderNotifications", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [aws_sqs_queue.orders["notification-orders"].arn] },
    ] : [], local.kms_statements)
  })

  machine_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "InvokeHandlers", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = sort(concat([module.function["copy-object"].arn, module.function["validate-input"].arn], var.settings.add_ons.content_bucket == null ? [] : [local.prepare_file_arn])) },
      { Sid = "SettleTransfer", Effect = "Allow", Action = ["dynamodb:UpdateItem"], Resource = [local.status_arn] },
      { Sid = "RetryAndReview", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = concat([aws_sqs_queue.manual_review.arn, module.intake.queue_arn], var.settings.add_ons.connectors ? [aws_sqs_queue.orders["connector-orders"].arn] : []) },
      ], var.settings.add_ons.large_files ? [
      { Sid = "StartLargeFiles", Effect = "Allow", Action = ["states:StartExecution"], Resource = [local.large_file_machine_arn] },
    ] : [], local.kms_statements)
  })
}
