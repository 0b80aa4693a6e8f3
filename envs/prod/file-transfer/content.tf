# What looks into files: rules on content, groups, OpenPGP, archives. Workflows that want none of it cost nothing here. The secrets
# of keys are made by hand and named here, so that no key is ever in a state file.
variable "content_secret_arns" {
  description = "Secrets with OpenPGP keys and certificates that workflows may name, by a static label."
  type        = map(string)
  default     = {}
}

module "content" {
  source = "../../../modules/file-transfer-content"

  name          = "file-transfer"
  package       = var.package
  content_layer = var.content_layer
  file_transfer = module.file_transfer.system
  work_bucket   = { name = "${local.prefix}-work" }
  secret_arns   = var.content_secret_arns
  alarm_actions = var.alarm_actions
}
