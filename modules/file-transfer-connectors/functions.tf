locals {
  metrics_namespace = "Towpath/FileTransfer"

  common_environment = {
    LOG_LEVEL                    = var.connector_settings.log_level
    POWERTOOLS_METRICS_NAMESPACE = local.metrics_namespace
    CONNECTOR_TABLE              = module.tables.names["ConnectorTransfer"]
    CONNECTOR_IDS                = jsonencode(local.connector_ids)
    EXCHANGE_BUCKET              = module.exchange_bucket.name
    CONNECTOR_QUEUE_URL          = var.file_transfer.connector_queue.url
    MAX_PENDING                  = tostring(var.connector_settings.max_pending)
    LOOK_SECONDS                 = tostring(var.connector_settings.look_seconds)
    UNCONFIRMED_SECONDS          = tostring(var.connector_settings.unconfirmed_seconds)
    MEMORY_DAYS                  = tostring(var.connector_settings.memory_days)
  }

  functions = {
    "send-to-connectors" = {
      description = "Puts orders into their connector's line and starts what the connector takes."
      handler     = "file_transfer.send_to_connectors.handler"
      policy      = local.send_to_connectors_policy
      environment = { INTAKE_QUEUE_URL = var.file_transfer.queue.url }
      queue_sources = { orders = {
        queue_arn           = var.file_transfer.connector_queue.arn
        batch_size          = 10
        maximum_concurrency = 5
        queue_kms_key_arn   = var.kms_key_arn
      } }
    }
    "connector-events" = {
      description = "Ends sends and retrievals, works through listings, lets files land and takes them away there."
      handler     = "file_transfer.connector_events.handler"
      policy      = local.connector_events_policy
      environment = {
        INTAKE_QUEUE_URL = var.file_transfer.queue.url
        LANDING_BUCKET   = var.file_transfer.landing_bucket.name
        WORKFLOW_TABLE   = var.file_transfer.table_names["WorkflowDefinition"]
      }
      queue_sources = { events = {
        queue_arn           = module.events.queue_arn
        batch_size          = 10
        maximum_concurrency = 5
        queue_kms_key_arn   = var.kms_key_arn
      } }
    }
    "start-pulls" = {
      description = "Begins the listings that are due and asks connectors about what no event came about."
      handler     = "file_transfer.start_pulls.handler"
      policy      = local.start_pulls_policy
      environment = {
        CONNECTOR_EVENTS_QUEUE_URL = module.events.queue_url
        TIMEOUT_SECONDS            = tostring(var.connector_settings.timeout_seconds)
        WORKFLOW_TABLE             = var.file_transfer.table_names["WorkflowDefinition"]
      }
      queue_sources = {}
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
  tracing                  = var.connector_settings.tracing
  timeout                  = var.connector_settings.function_timeout_seconds
  environment              = merge(local.common_environment, each.value.environment, { POWERTOOLS_SERVICE_NAME = "${var.name}-${each.key}" })
  policy                   = each.value.policy
  queue_sources            = each.value.queue_sources
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
