locals {
  common_environment = {
    LOG_LEVEL                    = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/FileTransfer"
    CONTROL_TABLE                = var.file_transfer.table_names["FileTransferControl"]
    FAILURE_TABLE                = var.file_transfer.table_names["TransferFailureQueue"]
    QUEUE_URL                    = var.file_transfer.queue.url
    REPLAY_QUEUE_URL             = module.replays.queue_url
  }

  # What the intake goes by, so that a simulation judges as it does.
  intake_environment = {
    ADD_ONS           = jsonencode(var.file_transfer.add_ons)
    COPY_OBJECT_BYTES = tostring(var.file_transfer.limits.copy_object_bytes)
    LARGE_FILE_BYTES  = tostring(var.file_transfer.limits.large_file_bytes)
    MAX_COPY_BYTES    = tostring(var.file_transfer.limits.max_copy_bytes)
    SFTP_TARGETS      = jsonencode(var.file_transfer.sftp_targets)
    SOURCE_BUCKET     = var.file_transfer.landing_bucket.name
    SOURCE_PREFIXES   = jsonencode(var.file_transfer.source_prefixes)
  }

  access_environment = {
    ROLE_GROUPS     = jsonencode({ for group, settings in var.people.groups : group => settings.permissions })
    GROUP_CUSTOMERS = jsonencode({ for group, settings in var.people.groups : group => settings.customers if settings.customers != null })
  }

  functions = {
    "api-handler" = {
      description = "The API: transfers, failures, replays, dead letters, definitions, expectations, notifications."
      handler     = "file_transfer.transfers_api.handler"
      timeout     = 29 # an HTTP API waits for 30 seconds
      policy      = local.api_handler_policy
      environment = merge(local.intake_environment, local.access_environment, {
        STATUS_TABLE           = var.file_transfer.table_names["FileTransferStatus"]
        INDEX_TABLE            = var.file_transfer.table_names["CustomerFileIndex"]
        WORKFLOW_TABLE         = var.file_transfer.table_names["WorkflowDefinition"]
        AUDIT_TABLE            = var.file_transfer.table_names["FileTransferAuditLog"]
        NOTIFICATION_TABLE     = var.file_transfer.table_names["TransferNotificationLog"]
        EXPECTATION_TABLE      = var.file_transfer.table_names["TransferExpectation"]
        DEAD_LETTER_QUEUE_URL  = var.file_transfer.dead_letter_queue.url
        NOTIFICATION_QUEUE_URL = local.sends_orders ? var.file_transfer.notification_queue.url : ""
      })
      queue_sources = {}
    }
    "replay-failures" = {
      description = "Replays many transfers: pages of failures to the intake, turn by turn."
      handler     = "file_transfer.replay_failures.handler"
      timeout     = var.replays.function_timeout_seconds
      policy      = local.replay_failures_policy
      environment = {}
      queue_sources = { turns = {
        queue_arn           = module.replays.queue_arn
        batch_size          = 1
        maximum_concurrency = var.replays.at_once
        queue_kms_key_arn   = var.kms_key_arn
      } }
    }
  }

  sends_orders = var.file_transfer.notification_queue != null
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
  memory_size              = max(512, var.lambda.memory_size)
  tracing                  = var.tracing
  timeout                  = each.value.timeout
  environment              = merge(local.common_environment, each.value.environment, { POWERTOOLS_SERVICE_NAME = "${var.name}-${each.key}" })
  policy                   = each.value.policy
  queue_sources            = each.value.queue_sources
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
