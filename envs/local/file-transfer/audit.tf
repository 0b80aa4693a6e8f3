# The audit trail outside of its table. A day of GOVERNANCE, so that make reset and terraform destroy can clear up.
module "audit" {
  source = "../../../modules/file-transfer-audit"

  name          = "file-transfer"
  file_transfer = module.file_transfer.system
  package       = var.package
  lambda        = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }
  audit_bucket  = { name = "file-transfer-audit", mode = "GOVERNANCE", retention_days = 1, force_destroy = true }
  export        = { window_seconds = 1, seal_after_seconds = 120 }
}

output "audit" {
  description = "Outputs of the audit export: bucket, functions, roles."
  value       = module.audit
}
