# Rows of transfers, notifications and failures for Athena. Names of files and people are in them: kept as long as the tables.
module "analytics" {
  source = "../../../modules/file-transfer-analytics"

  name             = "file-transfer"
  file_transfer    = module.file_transfer.system
  package          = var.package
  analytics_bucket = { name = "${local.prefix}-analytics", results_name = "${local.prefix}-analytics-results", retention_days = 400 }
  alarm_actions    = var.alarm_actions
}
