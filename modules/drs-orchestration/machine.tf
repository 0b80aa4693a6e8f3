locals {
  orchestration_timeout_seconds = 120

  # The functions need the machine's ARN and the machine needs a function's: one of the two is spelled out.
  state_machine_arn = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${var.name}"
  execution_arns    = "arn:${local.partition}:states:${local.region}:${local.account}:execution:${var.name}:*"
  poller_name       = "${var.name}-execution-poller"
  poller_arn        = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.poller_name}"

  # The machine's file is an artefact of the repository, so it comes in as a variable: a module reads only its own folder.
  definition = templatestring(var.definition_template, {
    cancel_limit_seconds          = var.orchestration.cancel_limit_seconds
    heartbeat_seconds             = var.orchestration.heartbeat_seconds
    orchestration_function_arn    = module.function["orchestration"].arn
    orchestration_timeout_seconds = local.orchestration_timeout_seconds
  })
}

module "machine" {
  source = "../standard-state-machine"

  name       = var.name
  definition = local.definition
  policy     = local.machine_policy
  # Execution data would put task tokens into the log: whoever reads the log could then answer for the poller.
  logging = { level = var.orchestration.machine_log_level, include_execution_data = false }
  tracing = var.orchestration.tracing

  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
