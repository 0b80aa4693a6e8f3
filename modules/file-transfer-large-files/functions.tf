locals {
  step_timeout_seconds = 60

  environment = {
    LOG_LEVEL                    = var.large_files.log_level
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/FileTransfer"
    CONTROL_TABLE                = var.file_transfer.table_names["FileTransferControl"]
    MAX_COPY_BYTES               = tostring(var.file_transfer.limits.max_copy_bytes)
    PART_BYTES                   = tostring(var.large_files.part_bytes)
    BATCH_PARTS                  = tostring(var.large_files.batch_parts)
    UPLOAD_DAYS                  = tostring(var.large_files.upload_days)
    SOURCE_BUCKET                = var.file_transfer.landing_bucket.name
    SOURCE_PREFIXES              = jsonencode(var.file_transfer.source_prefixes)
  }

  functions = {
    "plan-copy" = {
      description = "Looks at the target, finds or begins the multipart upload, and lists the parts that are missing."
      handler     = "file_transfer.plan_copy.handler"
      timeout     = local.step_timeout_seconds
      policy      = local.plan_copy_policy
    }
    "copy-parts" = {
      description = "Lets S3 copy some parts of one large file, many at a time."
      handler     = "file_transfer.copy_parts.handler"
      timeout     = var.large_files.copy_timeout_seconds
      policy      = local.copy_parts_policy
    }
    "complete-copy" = {
      description = "Makes the object of its parts, on condition of what is at the target, or frees them."
      handler     = "file_transfer.complete_copy.handler"
      timeout     = var.large_files.copy_timeout_seconds
      policy      = local.complete_copy_policy
    }
  }
}

module "function" {
  source   = "../lambda-function"
  for_each = local.functions

  name                     = "${var.name}-${each.key}"
  description              = each.value.description
  handler                  = each.value.handler
  package                  = var.package
  layers                   = [var.file_transfer.layer_arn]
  platform                 = { runtime = var.lambda.runtime, architecture = var.lambda.architecture }
  memory_size              = var.lambda.memory_size
  tracing                  = var.large_files.tracing
  timeout                  = each.value.timeout
  environment              = merge(local.environment, { POWERTOOLS_SERVICE_NAME = "${var.name}-${each.key}" })
  policy                   = each.value.policy
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
