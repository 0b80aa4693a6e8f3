# The audit trail outside of its table, for seven years: nobody can delete it before, not even the account's root.
module "audit" {
  source = "../../../modules/file-transfer-audit"

  name          = "file-transfer"
  file_transfer = module.file_transfer.system
  package       = var.package
  audit_bucket  = { name = "${local.prefix}-audit", mode = "COMPLIANCE", retention_days = 2555 }
  alarm_actions = var.alarm_actions
}
