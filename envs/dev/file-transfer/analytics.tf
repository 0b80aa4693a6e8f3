# Rows of transfers, notifications and failures for Athena, for a quarter: dev has nothing to look back on.
module "analytics" {
  source = "../../../modules/file-transfer-analytics"

  name             = "file-transfer"
  file_transfer    = module.file_transfer.system
  package          = var.package
  analytics_bucket = { name = "${local.prefix}-analytics", results_name = "${local.prefix}-analytics-results", retention_days = 90, force_destroy = true }
  alarm_actions    = var.alarm_actions
}
