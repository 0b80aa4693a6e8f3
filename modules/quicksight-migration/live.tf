# Who follows a job sees each of its transitions: the table's stream goes through job-updates to the connections.
module "live" {
  source = "../websocket-api"

  name        = "${var.name}-live"
  description = "QuickSight migrations as they go on: jobs, for those who follow them."
  authorizer = {
    function_arn  = module.function["live-authorizer"].arn
    function_name = module.function["live-authorizer"].name
  }
  connection_handler = {
    function_arn  = module.function["live-connections"].arn
    function_name = module.function["live-connections"].name
  }
  throttling           = var.live.throttling
  custom_domain        = var.live.custom_domain
  account_log_role_arn = var.live.account_log_role_arn
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days
  tags                 = var.tags
}

locals {
  # Not the output `url`, which waits for the functions that are told of it.
  live_url = replace(module.live.callback_url, "/^http/", "ws")

  live_environment = { LIVE_TABLE = module.live.table_name }
  post_environment = merge(local.live_environment, { LIVE_CALLBACK_URL = module.live.callback_url })

  live_functions = {
    "job-updates" = merge(local.function_defaults, {
      description = "Tells those who follow a job of its transitions, from the stream of the job table."
      handler     = "quicksight_migration.job_updates.handler"
      timeout     = 60
      policy      = local.job_updates_policy
      environment = local.post_environment
      stream_sources = {
        jobs = {
          stream_arn                         = module.tables.stream_arns["job-runs"]
          batch_size                         = 100
          maximum_batching_window_in_seconds = 0
          starting_position                  = "LATEST"
          # Nothing is lost for good: who misses a number asks for a snapshot, and an alarm tells of the errors.
          maximum_retry_attempts         = 3
          bisect_batch_on_function_error = true
          parallelization_factor         = 4
          filters                        = [jsonencode({ dynamodb = { Keys = { record = { S = ["JOB"] } } } })]
          failure_queue_arn              = null
          stream_kms_key_arn             = var.kms_key_arn
          failure_queue_kms_key_arn      = null
        }
      }
    })
    "live-authorizer" = merge(local.function_defaults, {
      description = "Takes the ticket of a new connection, once."
      handler     = "quicksight_migration.live_authorizer.handler"
      timeout     = 10
      policy      = local.live_authorizer_policy
      environment = local.live_environment
    })
    "live-connections" = merge(local.function_defaults, {
      description = "Keeps connections and subscriptions, and answers with the state of what is followed."
      handler     = "quicksight_migration.live_connections.handler"
      timeout     = 29
      policy      = local.live_connections_policy
      environment = local.post_environment
    })
  }
}
