# Connectors to the partner's server that `make up` starts beside the local cloud.
module "connectors" {
  source = "../../../modules/file-transfer-connectors"

  name               = "file-transfer"
  package            = var.package
  lambda             = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }
  file_transfer      = module.file_transfer.system
  content_bucket_arn = module.content.work_bucket.arn
  exchange           = { bucket_name = "connector-exchange", force_destroy = true, expiration_days = 2 }

  connectors = { partner = {
    url               = var.partner_server.url
    trusted_host_keys = [var.partner_server.host_key]
    login             = var.partner_server.secret
  } }

  # Seconds where production has minutes, so that a test can watch a lost event being made up for.
  connector_settings = {
    look_seconds               = 3
    unconfirmed_seconds        = 6
    timeout_seconds            = 20
    function_timeout_seconds   = 10
    visibility_timeout_seconds = 10
    login_recovery_days        = 0
  }
  connector_table     = { deletion_protection = false }
  schedule_expression = "rate(1 hour)" # tests tick by hand
}

output "connectors" {
  description = "Outputs of the connectors: ids, bucket, table, queues, functions, roles."
  value       = module.connectors
}
