locals {
  # The machine's file is an artefact of the repository, so it comes in as a variable: a module reads only its own folder.
  rendered = templatestring(var.definition_template, {
    batches_at_once            = var.large_files.batches_at_once
    complete_copy_function_arn = module.function["complete-copy"].arn
    copy_parts_function_arn    = module.function["copy-parts"].arn
    copy_timeout_seconds       = var.large_files.copy_timeout_seconds
    plan_copy_function_arn     = module.function["plan-copy"].arn
    queue_url                  = var.file_transfer.queue.url
    step_timeout_seconds       = local.step_timeout_seconds
  })

  # The limit of a whole machine is a number in the States Language, for which a placeholder cannot stand.
  definition = jsonencode(merge(jsondecode(local.rendered), { TimeoutSeconds = var.large_files.timeout_seconds }))
}

# The Express machine of file-transfer starts it by this name.
module "machine" {
  source = "../standard-state-machine"

  name                     = "${var.name}-large-files"
  definition               = local.definition
  policy                   = local.machine_policy
  logging                  = { level = var.large_files.machine_log_level, include_execution_data = var.large_files.log_execution_data }
  tracing                  = var.large_files.tracing
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
