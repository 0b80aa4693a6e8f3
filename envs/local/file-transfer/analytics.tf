# Rows of transfers, notifications and failures. Firehose gathers for a minute, which is a second here; nothing lives long
# enough to expire.
module "analytics" {
  source = "../../../modules/file-transfer-analytics"

  name             = "file-transfer"
  file_transfer    = module.file_transfer.system
  package          = var.package
  lambda           = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }
  analytics_bucket = { name = "file-transfer-analytics", results_name = "file-transfer-analytics-results", result_days = null, force_destroy = true }
  rows             = { window_seconds = 1, retry_attempts = 5, buffer_seconds = 60 }
}

output "analytics" {
  description = "Outputs of the analytics: bucket, database, workgroup, functions, roles."
  value       = module.analytics
}
