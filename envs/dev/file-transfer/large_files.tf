# Files above settings.large_file_bytes of file-transfer, up to the 48.8 TiB that S3 holds. Costs nothing while none comes.
module "large_files" {
  source = "../../../modules/file-transfer-large-files"

  name                = "file-transfer"
  definition_template = file("${path.module}/../../../asl/large_file_copy.asl.json")
  package             = var.package
  file_transfer       = module.file_transfer.system
  content_bucket_arn  = module.content.work_bucket.arn
  alarm_actions       = var.alarm_actions
}
