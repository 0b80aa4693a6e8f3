# The audit trail outside of its table. GOVERNANCE, since dev is taken down now and then.
module "audit" {
  source = "../../../modules/file-transfer-audit"

  name          = "file-transfer"
  file_transfer = module.file_transfer.system
  package       = var.package
  audit_bucket  = { name = "${local.prefix}-audit", mode = "GOVERNANCE", retention_days = 30 }
  alarm_actions = var.alarm_actions
}
