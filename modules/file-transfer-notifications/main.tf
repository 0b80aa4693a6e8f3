# Channels beside the topic, digests, and files that have to come. The core knows that this is there: its recorder writes
# orders for transfers whose workflow has channels.
locals {
  queue  = var.file_transfer.notification_queue
  tables = var.file_transfer.table_names

  common_environment = {
    LOG_LEVEL                    = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/FileTransfer"
    ORDER_QUEUE_URL              = local.queue.url
    CONTROL_TABLE                = local.tables["FileTransferControl"]
  }

  functions = {
    "deliver-notifications" = {
      description = "Tells channels what was ordered: one try each, over one channel each."
      handler     = "file_transfer.deliver_notifications.handler"
      timeout     = var.delivery.function_timeout_seconds
      policy      = local.deliver_notifications_policy
      environment = merge(local.common_environment, {
        WORKFLOW_TABLE         = local.tables["WorkflowDefinition"]
        STATUS_TABLE           = local.tables["FileTransferStatus"]
        NOTIFICATION_TABLE     = local.tables["TransferNotificationLog"]
        NOTIFICATION_TOPIC_ARN = var.file_transfer.topic_arn
        ORDER_DEAD_LETTER_URL  = local.queue.dead_letter_url
        ALLOWED_NETWORKS       = jsonencode(var.delivery.allowed_networks)
        MAX_ATTEMPTS           = tostring(var.delivery.max_attempts)
        RETRY_BASE_SECONDS     = tostring(var.delivery.retry_base_seconds)
        RETRY_MAX_SECONDS      = tostring(var.delivery.retry_max_seconds)
        REQUEST_SECONDS        = tostring(var.delivery.request_seconds)
        DELIVERY_LEASE_SECONDS = tostring(var.delivery.function_timeout_seconds)
      })
      queue_sources = {
        orders = {
          queue_arn           = local.queue.arn
          batch_size          = var.delivery.batch_size
          maximum_concurrency = var.delivery.maximum_concurrency
          queue_kms_key_arn   = var.kms_key_arn
        }
      }
    }
    "send-digests" = {
      description   = "Orders the digests that are due."
      handler       = "file_transfer.send_digests.handler"
      timeout       = 120
      policy        = local.send_digests_policy
      environment   = merge(local.common_environment, { GRACE_SECONDS = tostring(var.schedules.grace_seconds) })
      queue_sources = {}
    }
    "check-expectations" = {
      description = "Opens, judges and announces the windows in which files have to come."
      handler     = "file_transfer.check_expectations.handler"
      timeout     = 240
      policy      = local.check_expectations_policy
      environment = merge(local.common_environment, {
        WORKFLOW_TABLE             = local.tables["WorkflowDefinition"]
        STATUS_TABLE               = local.tables["FileTransferStatus"]
        EXPECTATION_TABLE          = local.tables["TransferExpectation"]
        NOTIFICATION_TOPIC_ARN     = var.file_transfer.topic_arn
        GRACE_SECONDS              = tostring(var.schedules.grace_seconds)
        EXPECTATION_RETENTION_DAYS = tostring(var.schedules.retention_days)
      })
      queue_sources = {}
    }
  }

  schedules = {
    "send-digests"       = var.schedules.digests
    "check-expectations" = var.schedules.expectations
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
  tracing                  = var.tracing
  timeout                  = each.value.timeout
  environment              = merge(each.value.environment, { POWERTOOLS_SERVICE_NAME = "${var.name}-${each.key}" })
  policy                   = each.value.policy
  queue_sources            = each.value.queue_sources
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}

module "schedule" {
  source   = "../event-schedule"
  for_each = local.schedules

  name                = "${var.name}-${each.key}"
  description         = local.functions[each.key].description
  schedule_expression = each.value
  function_arn        = module.function[each.key].arn
  function_name       = module.function[each.key].name
  kms_key_arn         = var.kms_key_arn
  tags                = var.tags
}
