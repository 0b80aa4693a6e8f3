locals {
  validate_timeout_seconds = 30
  # The machine has 290 s in all (AWS ends Express and Pipe at 300 s): validation, this copy and the writes must fit.
  copy_timeout_seconds = min(240, var.intake.lease_seconds)

  add_ons = {
    content       = var.settings.add_ons.content_bucket != null
    connectors    = var.settings.add_ons.connectors
    large_files   = var.settings.add_ons.large_files
    notifications = var.settings.add_ons.notifications
  }

  # Add-ons are called by name: they are built on this module's outputs, so it cannot read theirs.
  large_file_machine_arn = "arn:${local.partition}:states:${local.region}:${local.account_id}:stateMachine:${var.name}-large-files"
  prepare_file_arn       = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${var.name}-prepare-file"

  # The machine's file is an artefact of the repository, so it comes in as a variable: a module reads only its own folder.
  definition = templatestring(var.definition_template, {
    copy_object_function_arn    = module.function["copy-object"].arn
    connector_queue_url         = local.order_queue_urls["connector-orders"]
    connector_timeout_seconds   = var.settings.connector_timeout_seconds
    copy_timeout_seconds        = local.copy_timeout_seconds
    large_file_bytes            = var.settings.large_file_bytes
    large_file_machine_arn      = local.large_file_machine_arn
    large_file_timeout_seconds  = var.settings.large_file_timeout_seconds
    manual_review_queue_url     = aws_sqs_queue.manual_review.url
    prepare_file_function_arn   = local.prepare_file_arn
    prepare_timeout_seconds     = local.copy_timeout_seconds
    queue_url                   = module.intake.queue_url
    retry_base_delay_seconds    = var.retry.base_delay_seconds
    retry_max_delay_seconds     = var.retry.max_delay_seconds
    status_table_name           = module.tables.names["FileTransferStatus"]
    validate_input_function_arn = module.function["validate-input"].arn
    validate_timeout_seconds    = local.validate_timeout_seconds
  })
}

module "machine" {
  source = "../express-state-machine"

  name       = var.name
  definition = local.definition
  policy     = local.machine_policy
  logging    = { level = var.settings.machine_log_level, include_execution_data = var.settings.log_execution_data }
  tracing    = var.settings.tracing

  pipe = {
    source_queue_arn   = module.intake.queue_arn
    source_kms_key_arn = var.kms_key_arn
    batch_size         = var.settings.pipe_batch_size
  }

  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
