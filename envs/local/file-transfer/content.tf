# What looks into files: rules on content, groups, OpenPGP, archives. The tests put keys into the two secrets.
resource "aws_secretsmanager_secret" "pgp" {
  for_each = toset(["our-key", "partner-certificates"])

  name                    = "file-transfer/pgp/${each.key}"
  recovery_window_in_days = 0
}

module "content" {
  source = "../../../modules/file-transfer-content"

  name          = "file-transfer"
  package       = var.package
  content_layer = var.content_layer
  lambda        = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }
  file_transfer = module.file_transfer.system
  work_bucket   = { name = "file-transfer-work", force_destroy = true }
  secret_arns   = { for label, secret in aws_secretsmanager_secret.pgp : label => secret.arn }

  # What is large here is small elsewhere: the limits are reached by files that a test can send.
  preparation = { timeout_seconds = 20, ephemeral_storage_mb = 512, release_delay_seconds = 1 }
}

output "content" {
  description = "Outputs of what looks into files: work bucket, function, role, and the secrets of keys."
  value       = merge(module.content, { secret_arns = { for label, secret in aws_secretsmanager_secret.pgp : label => secret.arn } })
}
