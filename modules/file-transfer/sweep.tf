# What no event announced is found by comparing the landing bucket with the records, and what got stuck is set going again.
locals {
  pipe_name       = "${var.name}-pipe"
  sftp_log_groups = concat([module.sftp.log_group_name], var.intake.sweep.log_group_names)

  sweep_functions = {
    "sweep-arrivals" = {
      description = "Finds what no event announced, and what got stuck; says how old the oldest unfinished transfer is."
      handler     = "file_transfer.sweep_arrivals.handler"
      timeout     = 300
      policy      = local.sweep_arrivals_policy
      environment = merge(local.common_environment, {
        CONTROL_TABLE          = module.tables.names["FileTransferControl"]
        PIPE_NAME              = local.pipe_name
        QUEUE_URL              = module.intake.queue_url
        SFTP_LOG_GROUPS        = jsonencode(local.sftp_log_groups)
        SFTP_PREFIX            = var.landing.sftp_prefix
        SOURCE_BUCKET          = module.landing_bucket.name
        SOURCE_PREFIXES        = jsonencode(var.landing.source_prefixes)
        SWEEP_LOOKBACK_HOURS   = tostring(var.intake.sweep.lookback_hours)
        SWEEP_SETTLE_SECONDS   = tostring(var.intake.sweep.settle_seconds)
        UNCONFIRMED_UPLOADS    = var.intake.sweep.unconfirmed_uploads
        WORKFLOW_CACHE_SECONDS = tostring(var.settings.workflow_cache_seconds)
        WORKFLOW_TABLE         = module.tables.names["WorkflowDefinition"]
      })
      stream_sources = {}
    }
  }

  sweep_arrivals_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ListArrivals", Effect = "Allow", Action = ["s3:ListBucketVersions"], Resource = [local.landing_arn] },
      { Sid = "ReadStatus", Effect = "Allow", Action = ["dynamodb:BatchGetItem"], Resource = [local.status_arn] },
      { Sid = "FindUnfinished", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [module.tables.index_arns["FileTransferStatus"]["DateStatusIndex"]] },
      { Sid = "FindWorkflow", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [module.tables.index_arns["WorkflowDefinition"]["SourcePrefixIndex"]] },
      { Sid = "KeepPlace", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = [module.tables.arns["FileTransferControl"]] },
      { Sid = "Announce", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [module.intake.queue_arn] },
      { Sid = "AskServerLog", Effect = "Allow", Action = ["logs:FilterLogEvents"], Resource = flatten([for group in local.sftp_log_groups : [for end in ["", ":*"] : "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${group}${end}"]]) },
      { Sid = "LookAtPipe", Effect = "Allow", Action = ["pipes:DescribePipe"], Resource = ["arn:${local.partition}:pipes:${local.region}:${local.account_id}:pipe/${local.pipe_name}"] },
    ], local.kms_statements)
  })
}

module "sweep" {
  source = "../event-schedule"

  name                = "${var.name}-sweep"
  description         = "Compares the landing bucket with the records."
  schedule_expression = var.intake.sweep.schedule_expression
  function_arn        = module.function["sweep-arrivals"].arn
  function_name       = module.function["sweep-arrivals"].name
  kms_key_arn         = var.kms_key_arn
  tags                = var.tags
}
