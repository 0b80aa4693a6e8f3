locals {
  common_environment = {
    LOG_LEVEL                    = var.orchestration.log_level
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/DisasterRecovery"
    HISTORY_TABLE                = module.tables.names["execution-history"]
  }

  catalog_environment = {
    GROUPS_TABLE = module.tables.names["protection-groups"]
    PLANS_TABLE  = module.tables.names["recovery-plans"]
  }

  execution_environment = {
    STATE_MACHINE_ARN      = local.state_machine_arn
    WAKE_QUEUE_URL         = module.wake.queue_url
    NOTIFICATION_TOPIC_ARN = aws_sns_topic.notify.arn
    INTENT_GRACE_SECONDS   = tostring(var.orchestration.intent_grace_seconds)
    QUICK_POLL_SECONDS     = tostring(var.orchestration.quick_poll_seconds)
    PROBE_HOSTS            = jsonencode(var.actions.probe_hosts)
    RETENTION_DAYS         = tostring(var.records.retention_days)
  }

  functions = {
    "api-handler" = {
      description   = "The API: protection groups, recovery plans, executions and what a person may do to them."
      handler       = "disaster_recovery.api_handler.handler"
      timeout       = 29 # an HTTP API waits for 30 seconds
      memory_size   = 512
      policy        = local.api_handler_policy
      environment   = merge(local.catalog_environment, local.execution_environment, { ROLE_GROUPS = jsonencode({ for group, settings in var.access.groups : group => settings.permissions }) })
      queue_sources = {}
    }
    "orchestration" = {
      description   = "The steps of the state machine: pauses, locks, intents, StartRecovery, the final status."
      handler       = "disaster_recovery.orchestration.handler"
      timeout       = local.orchestration_timeout_seconds
      memory_size   = 512
      policy        = local.orchestration_policy
      environment   = local.execution_environment
      queue_sources = {}
    }
    "execution-finder" = {
      description = "Finds the executions that need a look, by schedule and by event, and invokes the poller for each."
      handler     = "disaster_recovery.execution_finder.handler"
      timeout     = local.finder_timeout_seconds
      memory_size = 256
      policy      = local.execution_finder_policy
      environment = { POLLER_FUNCTION_NAME = local.poller_name }
      queue_sources = {
        wake = {
          queue_arn                          = module.wake.queue_arn
          batch_size                         = 100
          maximum_batching_window_in_seconds = var.orchestration.wake_window_seconds # servers of a job launch within seconds of each other
          queue_kms_key_arn                  = var.kms_key_arn
        }
      }
    }
    "execution-poller" = {
      description   = "Reads DRS, writes what it found, keeps the machine waiting or answers it. The only writer while a wave runs."
      handler       = "disaster_recovery.execution_poller.handler"
      timeout       = 120
      memory_size   = 512
      policy        = local.execution_poller_policy
      environment   = merge(local.execution_environment, { ACTION_ROLE_ARN = var.actions.automation_role_arn == null ? "" : var.actions.automation_role_arn })
      queue_sources = {}
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
  memory_size              = max(each.value.memory_size, var.lambda.memory_size)
  tracing                  = var.orchestration.tracing
  timeout                  = each.value.timeout
  environment              = merge(local.common_environment, each.value.environment, { POWERTOOLS_SERVICE_NAME = "${var.name}-${each.key}" })
  policy                   = each.value.policy
  queue_sources            = each.value.queue_sources
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
