# What each function and the machine may do: exact actions on exact resources. The end-to-end tests compare them with the
# calls that the local cloud saw.
locals {
  sources     = concat([var.file_transfer.landing_bucket.arn], var.content_bucket_arn == null ? [] : [var.content_bucket_arn])
  control_arn = var.file_transfer.table_arns["FileTransferControl"]

  read_source = { Sid = "ReadSource", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = [for arn in local.sources : "${arn}/*"] }
  # ListBucketVersions tells the order of two versions; ListBucket gives an object that is gone the 404 that says so.
  order_versions = { Sid = "OrderVersions", Effect = "Allow", Action = ["s3:ListBucket", "s3:ListBucketVersions"], Resource = local.sources }
  tell_missing   = { Sid = "TellMissingFromDenied", Effect = "Allow", Action = ["s3:ListBucket"], Resource = var.file_transfer.targets.buckets }

  kms_statements = var.kms_key_arn == null ? [] : [
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
  ]

  plan_copy_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      local.read_source,
      local.order_versions,
      local.tell_missing,
      { Sid = "BeginUpload", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], Resource = var.file_transfer.targets.objects },
      { Sid = "NoteUpload", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"], Resource = [local.control_arn] },
    ], local.kms_statements)
  })

  copy_parts_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      local.read_source,
      { Sid = "CopyParts", Effect = "Allow", Action = ["s3:ListMultipartUploadParts", "s3:PutObject"], Resource = var.file_transfer.targets.objects },
    ], local.kms_statements)
  })

  complete_copy_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      local.read_source,
      local.order_versions,
      local.tell_missing,
      { Sid = "CompleteUpload", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], Resource = var.file_transfer.targets.objects },
      { Sid = "ForgetUpload", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:GetItem"], Resource = [local.control_arn] },
    ], local.kms_statements)
  })

  machine_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "InvokeSteps", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = sort([for function in module.function : function.arn]) },
      { Sid = "ReportOutcome", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [var.file_transfer.queue.arn] },
    ], local.kms_statements)
  })
}
