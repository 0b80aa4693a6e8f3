# Rows for questions: the streams of three tables go through one function to Firehose, which gathers them to objects by the
# day; Athena reads those.
locals {
  # Table of the brief → its table in Glue and the environment variables that tell the function of it.
  datasets = {
    FileTransferStatus = {
      table   = "file_transfer_status"
      key     = "transfers"
      filters = [jsonencode({ dynamodb = { NewImage = { status = { S = [{ "anything-but" = ["IN_PROGRESS"] }] } } } })]
    }
    TransferNotificationLog = {
      table = "transfer_notification_log"
      key   = "notifications"
      # Not while a try is under way.
      filters = [jsonencode({ dynamodb = { NewImage = { status = { S = [{ exists = true }] }, leaseUntil = { S = [{ exists = false }] } } } })]
    }
    TransferFailureQueue = {
      table   = "transfer_failure_queue"
      key     = "failures"
      filters = [jsonencode({ dynamodb = { NewImage = { status = { S = [{ exists = true }] } } } })]
    }
  }

  function_name = "${var.name}-export-analytics"

  environment = {
    LOG_LEVEL                    = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/FileTransfer"
    STATUS_TABLE                 = var.file_transfer.table_names["FileTransferStatus"]
    NOTIFICATION_TABLE           = var.file_transfer.table_names["TransferNotificationLog"]
    FAILURE_TABLE                = var.file_transfer.table_names["TransferFailureQueue"]
    STATUS_DELIVERY_STREAM       = aws_kinesis_firehose_delivery_stream.this["FileTransferStatus"].name
    NOTIFICATION_DELIVERY_STREAM = aws_kinesis_firehose_delivery_stream.this["TransferNotificationLog"].name
    FAILURE_DELIVERY_STREAM      = aws_kinesis_firehose_delivery_stream.this["TransferFailureQueue"].name
  }
}

resource "aws_sqs_queue" "unexported" {
  name                              = "${var.name}-analytics-unexported"
  message_retention_seconds         = 1209600
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 300
  tags                              = var.tags
}

module "function" {
  source = "../lambda-function"

  name        = local.function_name
  description = "Makes rows of what changes in transfers, notifications and failures."
  handler     = "file_transfer.export_analytics.handler"
  package     = var.package
  layers      = [var.file_transfer.layer_arn]
  platform    = { runtime = var.lambda.runtime, architecture = var.lambda.architecture }
  memory_size = var.lambda.memory_size
  tracing     = var.tracing
  timeout     = 60
  environment = merge(local.environment, { POWERTOOLS_SERVICE_NAME = local.function_name })
  policy      = local.export_policy

  stream_sources = {
    for name, dataset in local.datasets : dataset.key => {
      stream_arn                         = var.file_transfer.stream_arns[name]
      batch_size                         = var.rows.batch_size
      maximum_batching_window_in_seconds = var.rows.window_seconds
      maximum_retry_attempts             = var.rows.retry_attempts
      filters                            = dataset.filters
      stream_kms_key_arn                 = var.kms_key_arn
      failure_queue_arn                  = aws_sqs_queue.unexported.arn
      failure_queue_kms_key_arn          = var.kms_key_arn
    }
  }

  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
