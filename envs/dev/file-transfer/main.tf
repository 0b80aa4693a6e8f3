locals {
  prefix = "towpath-dev-${var.account_id}"

  workflow_files = "${path.module}/../../workflows/file-transfer"
  workflows = {
    for file in fileset(local.workflow_files, "*.json") :
    trimsuffix(file, ".json") => jsondecode(templatefile("${local.workflow_files}/${file}", { archive_bucket = module.archive_bucket.name }))
  }
}

module "archive_bucket" {
  source = "../../../modules/s3-bucket"

  name            = "${local.prefix}-archive"
  lifecycle_rules = { noncurrent_days = 90 }
}

module "partner_bucket" {
  source = "../../../modules/s3-bucket"

  name            = "${local.prefix}-partner"
  lifecycle_rules = { noncurrent_days = 90 }
}

module "file_transfer" {
  source = "../../../modules/file-transfer"

  name                = "file-transfer"
  definition_template = file("${path.module}/../../../asl/file_transfer.asl.json")
  package             = var.package
  layer               = var.layer
  workflows           = local.workflows_with_users
  alarm_actions       = var.alarm_actions

  landing = {
    bucket_name     = "${local.prefix}-landing"
    lifecycle_rules = { noncurrent_days = 90 }
  }

  targets = {
    archive = { type = "S3", bucket = module.archive_bucket.name }
    partner = { type = "SFTP", bucket = module.partner_bucket.name }
  }

  sftp = { identity_provider_function_arn = module.file_transfer_identity.function_arn }

  notifications  = { emails = var.notification_emails }
  table_settings = { deletion_protection = false }

  # 5 TB, the largest file that comes; the machine for large files takes what is above 100 GiB.
  settings = {
    max_copy_bytes = 5497558138880
    add_ons        = { content_bucket = "${local.prefix}-work", connectors = true, large_files = true, notifications = true }
  }
}
