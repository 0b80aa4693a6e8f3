# Files above 11 MiB go through the machine that production has for those above 100 GiB, two parts an invocation.
module "large_files" {
  source = "../../../modules/file-transfer-large-files"

  name                = "file-transfer"
  definition_template = file("${path.module}/../../../asl/large_file_copy.asl.json")
  package             = var.package
  lambda              = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }
  file_transfer       = module.file_transfer.system
  content_bucket_arn  = module.content.work_bucket.arn

  large_files = { part_bytes = 5242880, batch_parts = 2, batches_at_once = 2, copy_timeout_seconds = 30, timeout_seconds = 600 }
}

output "large_files" {
  description = "Outputs of the machine for large files: its ARN, functions and roles."
  value       = module.large_files
}
