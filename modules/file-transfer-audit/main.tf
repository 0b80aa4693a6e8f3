# The audit trail outside of its table: every record goes to a bucket in which nobody can change or delete it, and each hour
# is sealed with a manifest that is chained to the one before.
locals {
  common_environment = {
    LOG_LEVEL                    = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/FileTransfer"
    AUDIT_BUCKET                 = module.bucket.name
  }

  functions = {
    "export-audit" = {
      description = "Writes the records of the audit log to the locked bucket, batch by batch."
      handler     = "file_transfer.export_audit.handler"
      timeout     = 60
      policy      = local.export_audit_policy
      environment = local.common_environment
      stream_sources = {
        audit = {
          stream_arn                         = var.file_transfer.stream_arns["FileTransferAuditLog"]
          batch_size                         = var.export.batch_size
          maximum_batching_window_in_seconds = var.export.window_seconds
          maximum_retry_attempts             = var.export.retry_attempts
          stream_kms_key_arn                 = var.kms_key_arn
          failure_queue_arn                  = aws_sqs_queue.unexported.arn
          failure_queue_kms_key_arn          = var.kms_key_arn
        }
      }
    }
    "seal-audit" = {
      description    = "Seals the hours of the audit export that are over."
      handler        = "file_transfer.seal_audit.handler"
      timeout        = 300
      policy         = local.seal_audit_policy
      environment    = merge(local.common_environment, { SEAL_AFTER_SECONDS = tostring(var.export.seal_after_seconds) })
      stream_sources = {}
    }
  }
}

module "bucket" {
  source = "../s3-bucket"

  name          = var.audit_bucket.name
  force_destroy = var.audit_bucket.force_destroy
  object_lock   = { mode = var.audit_bucket.mode, days = var.audit_bucket.retention_days }
  kms_key_arn   = var.kms_key_arn
  tags          = var.tags
}

resource "aws_sqs_queue" "unexported" {
  name                              = "${var.name}-unexported"
  message_retention_seconds         = 1209600
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 300
  tags                              = var.tags
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
  tracing                  = var.tracing
  timeout                  = each.value.timeout
  environment              = merge(each.value.environment, { POWERTOOLS_SERVICE_NAME = "${var.name}-${each.key}" })
  policy                   = each.value.policy
  stream_sources           = each.value.stream_sources
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}

module "schedule" {
  source = "../event-schedule"

  name                = "${var.name}-seal-audit"
  description         = local.functions["seal-audit"].description
  schedule_expression = var.export.seal_schedule
  function_arn        = module.function["seal-audit"].arn
  function_name       = module.function["seal-audit"].name
  kms_key_arn         = var.kms_key_arn
  tags                = var.tags
}
