# What looks into files: rules on content, groups, OpenPGP, archives. The tests make the secrets with the keys.
module "content" {
  source = "../../../modules/file-transfer-content"

  name          = "file-transfer"
  package       = var.package
  content_layer = var.content_layer
  lambda        = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }
  file_transfer = module.file_transfer.system
  work_bucket   = { name = "file-transfer-work", force_destroy = true, keep_days = 0 }
  secret_arns   = { tests = "arn:aws:secretsmanager:us-east-1:000000000000:secret:file-transfer/pgp/*" }

  # What is large here is small elsewhere: the limits are reached by files that a test can send.
  preparation = { timeout_seconds = 20, ephemeral_storage_mb = 512, release_delay_seconds = 1 }
}

output "content" {
  description = "Outputs of what looks into files: work bucket, function and role."
  value       = module.content
}
