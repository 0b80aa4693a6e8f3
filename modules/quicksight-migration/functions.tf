locals {
  common_environment = {
    LOG_LEVEL                    = var.migration.log_level
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/QuickSightMigration"
    JOBS_TABLE                   = module.tables.names["job-runs"]
  }

  # Bundles are written under the key that is named, so workers have to know it; empty means the account's own of S3.
  files_environment = {
    BUNDLE_BUCKET      = module.bundles.name
    BUNDLE_KMS_KEY_ARN = var.kms_key_arn == null ? "" : var.kms_key_arn
  }

  accounts_environment = {
    SOURCE_ACCOUNTS = jsonencode(local.source_accounts)
    TARGET_ACCOUNTS = jsonencode(local.target_accounts)
  }

  worker_environment = merge(local.files_environment, local.accounts_environment, {
    POLL_SECONDS       = tostring(var.migration.poll_seconds)
    STEP_LIMIT_SECONDS = tostring(var.migration.step_limit_seconds)
  })

  # What is started, answered, queued and told, wherever a job is moved on.
  keeper_environment = {
    STATE_MACHINE_ARN = local.state_machine_arn
    ALERT_TOPIC_ARN   = aws_sns_topic.alerts.arn
    EXPORT_SLOTS      = tostring(var.migration.export_slots)
    IMPORT_SLOTS      = tostring(var.migration.import_slots)
    RETENTION_DAYS    = tostring(var.job_records.retention_days)
  }

  access_environment = {
    ROLE_GROUPS   = jsonencode({ for group, settings in var.user_access.groups : group => settings.permissions })
    GROUP_TENANTS = jsonencode({ for group, settings in var.user_access.groups : group => settings.tenants if settings.tenants != null })
  }

  function_defaults = { memory_size = 256, queue_sources = {}, stream_sources = {} }

  functions = merge(local.api_functions, local.keeper_functions, local.worker_functions, local.live_functions)

  api_functions = {
    "start-job" = merge(local.function_defaults, {
      description = "POST /jobs, retry and restore: checks a job, writes it and starts the machine."
      handler     = "quicksight_migration.start_job.handler"
      timeout     = 29 # an HTTP API waits for 30 seconds
      memory_size = 512
      policy      = local.start_job_policy
      environment = merge(local.accounts_environment, local.keeper_environment, local.access_environment)
    })
    "api-handler" = merge(local.function_defaults, {
      description = "The rest of the API: jobs, plans, logs and what a person may do to a job."
      handler     = "quicksight_migration.api_handler.handler"
      timeout     = 29
      memory_size = 512
      policy      = local.api_handler_policy
      environment = merge(local.files_environment, local.accounts_environment, local.keeper_environment, local.access_environment, local.live_environment, {
        PLAN_FUNCTION_NAME  = local.plan_function_name
        DRIFT_FUNCTION_NAME = local.drift_function_name
        LIVE_URL            = local.live_url
        LOG_GROUPS          = jsonencode(local.log_group_names)
      })
    })
  }

  keeper_functions = {
    "job-status-updater" = merge(local.function_defaults, {
      description = "All writes of the machine: which step is next, how it ended, slots, approvals, the final status."
      handler     = "quicksight_migration.job_status_updater.handler"
      timeout     = local.updater_timeout_seconds
      policy      = local.job_status_updater_policy
      environment = local.keeper_environment
    })
    "job-reconciler" = merge(local.function_defaults, {
      description = "Finds jobs whose machine was never started or has ended, answers that were lost and slots that leaked."
      handler     = "quicksight_migration.job_reconciler.handler"
      timeout     = local.reconciler_timeout_seconds
      policy      = local.job_reconciler_policy
      environment = merge(local.accounts_environment, local.keeper_environment)
      queue_sources = {
        ended = {
          queue_arn                          = module.ended.queue_arn
          batch_size                         = 10
          maximum_batching_window_in_seconds = 0
          queue_kms_key_arn                  = var.kms_key_arn
        }
      }
    })
  }

  worker_functions = {
    for key, worker in local.workers : key => merge(local.function_defaults, {
      description = worker.description
      handler     = "quicksight_migration.${replace(key, "-", "_")}.handler"
      timeout     = worker.timeout
      memory_size = 512
      policy      = local.worker_policies[key]
      environment = local.worker_environment
    })
  }

  # `sides`: whose role the worker assumes.
  workers = {
    "preflight"          = { timeout = local.worker_timeout_seconds, sides = ["SOURCE", "TARGET"], description = "Accounts, edition, assets and overrides before anything is changed; more than 100 assets become chunks." }
    "export-assets"      = { timeout = local.worker_timeout_seconds, sides = ["SOURCE"], description = "Starts the export of a chunk, or finds the one that was started, and follows it." }
    "upload-assets"      = { timeout = local.mover_timeout_seconds, sides = ["SOURCE"], description = "Streams exported bundles into the bundle bucket." }
    "plan-import"        = { timeout = local.worker_timeout_seconds, sides = ["TARGET"], description = "Bundles against what the target has: the plan, its hash, and whether it still holds." }
    "backup-target"      = { timeout = local.mover_timeout_seconds, sides = ["TARGET"], description = "Exports what an import will change, for a restore." }
    "import-assets"      = { timeout = local.mover_timeout_seconds, sides = ["TARGET"], description = "Stages bundles and imports them in the target, once." }
    "update-permissions" = { timeout = local.worker_timeout_seconds, sides = ["TARGET"], description = "Grants and revokes by ARN what the plan names." }
    "verify-target"      = { timeout = local.worker_timeout_seconds, sides = ["TARGET"], description = "Compares the target with the plan and writes the manifest." }
    "drift-report"       = { timeout = local.mover_timeout_seconds, sides = ["SOURCE", "TARGET"], description = "What has changed at either end since it was migrated." }
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
  tracing                  = var.migration.tracing
  timeout                  = each.value.timeout
  environment              = merge(local.common_environment, each.value.environment, { POWERTOOLS_SERVICE_NAME = "${var.name}-${each.key}" })
  policy                   = each.value.policy
  queue_sources            = each.value.queue_sources
  stream_sources           = each.value.stream_sources
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
