locals {
  updater_timeout_seconds = 30
  worker_timeout_seconds  = 300
  # Those who move bundles, of a gigabyte at most.
  mover_timeout_seconds = 900

  # The functions need the machine's ARN and the machine needs a function's: one of the two is spelled out.
  machine_name      = "${var.name}-migration"
  state_machine_arn = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${local.machine_name}"
  execution_arns    = "arn:${local.partition}:states:${local.region}:${local.account}:execution:${local.machine_name}:*"

  # The machine's file is an artefact of the repository, so it comes in as a variable: a module reads only its own folder.
  definition = templatestring(var.definition_template, {
    approval_timeout_seconds        = var.migration.approval_timeout_seconds
    backup_target_function_arn      = module.function["backup-target"].arn
    export_assets_function_arn      = module.function["export-assets"].arn
    import_assets_function_arn      = module.function["import-assets"].arn
    job_status_updater_function_arn = module.function["job-status-updater"].arn
    plan_import_function_arn        = module.function["plan-import"].arn
    preflight_function_arn          = module.function["preflight"].arn
    update_permissions_function_arn = module.function["update-permissions"].arn
    updater_timeout_seconds         = local.updater_timeout_seconds + 5
    upload_assets_function_arn      = module.function["upload-assets"].arn
    verify_target_function_arn      = module.function["verify-target"].arn
    worker_timeout_seconds          = local.mover_timeout_seconds + 5
  })
}

module "machine" {
  source = "../standard-state-machine"

  name       = local.machine_name
  definition = local.definition
  policy     = local.machine_policy
  # Execution data would put task tokens into the log: whoever reads the log could then approve a job.
  logging = { level = var.migration.machine_log_level, include_execution_data = false }
  tracing = var.migration.tracing

  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
