locals {
  common_environment = {
    LOG_LEVEL                    = var.settings.log_level
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/FileTransfer"
    STATUS_TABLE                 = module.tables.names["FileTransferStatus"]
  }

  routing_environment = {
    SFTP_TARGETS    = jsonencode({ for alias, target in var.targets : alias => { bucket = target.bucket, prefix = target.prefix } if target.type == "SFTP" })
    SOURCE_BUCKET   = module.landing_bucket.name
    SOURCE_PREFIXES = jsonencode(var.landing.source_prefixes)
  }

  functions = merge(local.core_functions, local.sweep_functions)

  core_functions = {
    "validate-input" = {
      description = "Normal form, HEAD, workflow rules and the claim of one arrival."
      handler     = "file_transfer.validate_input.handler"
      timeout     = local.validate_timeout_seconds
      policy      = local.validate_input_policy
      environment = merge(local.common_environment, local.routing_environment, {
        ADD_ONS                = jsonencode(local.add_ons)
        MAX_COPY_BYTES         = tostring(var.settings.max_copy_bytes)
        WORKFLOW_TABLE         = module.tables.names["WorkflowDefinition"]
        WORKFLOW_CACHE_SECONDS = tostring(var.settings.workflow_cache_seconds)
        LEASE_SECONDS          = tostring(var.intake.lease_seconds)
        MAX_RECEIVES           = tostring(var.intake.max_receive_count - 1)
        RETENTION_DAYS         = tostring(var.table_settings.status_retention_days)
      })
      stream_sources = {}
    }
    "copy-object" = {
      description = "One server-side copy of one version to one target, exactly once in effect."
      handler     = "file_transfer.copy_object.handler"
      timeout     = local.copy_timeout_seconds
      policy      = local.copy_object_policy
      environment = merge(local.common_environment, local.routing_environment, {
        COPY_OBJECT_BYTES = tostring(var.settings.copy_object_bytes)
        MAX_COPY_BYTES    = tostring(var.settings.max_copy_bytes)
        PART_BYTES        = tostring(var.settings.part_bytes)
      })
      stream_sources = {}
    }
    "record-status" = {
      description = "Turns the status stream into audit, customer index, failure queue and notifications."
      handler     = "file_transfer.record_status.handler"
      timeout     = 60
      policy      = local.record_status_policy
      environment = merge(local.common_environment, {
        AUDIT_TABLE = module.tables.names["FileTransferAuditLog"]
        # Each workflow with metrics of its own is some twenty metrics to pay for: those of the stack, not all of the table.
        METRIC_WORKFLOWS          = jsonencode(sort(keys(var.workflows)))
        INDEX_TABLE               = module.tables.names["CustomerFileIndex"]
        FAILURE_TABLE             = module.tables.names["TransferFailureQueue"]
        NOTIFICATION_TABLE        = module.tables.names["TransferNotificationLog"]
        NOTIFICATION_TOPIC_ARN    = aws_sns_topic.notify.arn
        NOTIFICATION_MAX_ATTEMPTS = tostring(var.notifications.max_attempts)
        NOTIFICATION_QUEUE_URL    = local.order_queue_urls["notification-orders"]
      })
      stream_sources = {
        status = {
          stream_arn                         = module.tables.stream_arns["FileTransferStatus"]
          batch_size                         = 100
          maximum_batching_window_in_seconds = var.notifications.batching_window_seconds
          starting_position                  = "TRIM_HORIZON"
          maximum_retry_attempts             = var.notifications.stream_retry_attempts
          bisect_batch_on_function_error     = true
          parallelization_factor             = 4
          stream_kms_key_arn                 = var.kms_key_arn
          failure_queue_arn                  = aws_sqs_queue.unrecorded.arn
          failure_queue_kms_key_arn          = var.kms_key_arn
          filters = [
            jsonencode({ dynamodb = { NewImage = { status = { S = [{ "anything-but" = ["IN_PROGRESS"] }] } } } }),
            # What is told of a transfer that is at work: dropped duplicates, deliveries under way, replays.
            jsonencode({ dynamodb = { NewImage = { duplicates = { N = [{ exists = true }] } } } }),
            jsonencode({ dynamodb = { NewImage = { deliveries = { N = [{ exists = true }] } } } }),
            jsonencode({ dynamodb = { NewImage = { replays = { N = [{ exists = true }] } } } }),
          ]
        }
      }
    }
  }
}

resource "aws_lambda_layer_version" "dependencies" {
  layer_name               = "${var.name}-dependencies"
  description              = "Pinned runtime dependencies of the handlers."
  filename                 = var.layer.filename
  s3_bucket                = var.layer.s3_bucket
  s3_key                   = var.layer.s3_key
  s3_object_version        = var.layer.s3_object_version
  source_code_hash         = var.layer.source_code_hash
  compatible_runtimes      = [var.lambda.runtime]
  compatible_architectures = [var.lambda.architecture]
}

module "function" {
  source   = "../lambda-function"
  for_each = local.functions

  name                     = "${var.name}-${each.key}"
  description              = each.value.description
  handler                  = each.value.handler
  package                  = var.package
  layers                   = [aws_lambda_layer_version.dependencies.arn]
  platform                 = { runtime = var.lambda.runtime, architecture = var.lambda.architecture }
  memory_size              = var.lambda.memory_size
  tracing                  = var.settings.tracing
  timeout                  = each.value.timeout
  environment              = merge(each.value.environment, { POWERTOOLS_SERVICE_NAME = "${var.name}-${each.key}" })
  policy                   = each.value.policy
  stream_sources           = each.value.stream_sources
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
