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
  workflows           = local.workflows
  alarm_actions       = var.alarm_actions

  landing = {
    bucket_name     = "${local.prefix}-landing"
    lifecycle_rules = { noncurrent_days = 90 }
  }

  targets = {
    archive = { type = "S3", bucket = module.archive_bucket.name }
    partner = { type = "SFTP", bucket = module.partner_bucket.name }
  }

  sftp = {
    users = {
      bankpacific = {
        home            = { bucket = "${local.prefix}-landing", prefix = "from-sftp/bankpacific/" }
        ssh_public_keys = var.sftp_public_keys["bankpacific"]
      }
      partner = {
        home            = { bucket = module.partner_bucket.name, prefix = "" }
        access          = "read-only"
        ssh_public_keys = var.sftp_public_keys["partner"]
      }
    }
  }

  # The sweep asks this server's log, too, whether an upload is whole.
  intake = { sweep = { log_group_names = ["/aws/vendedlogs/transfer/file-transfer-partners"] } }

  notifications  = { emails = var.notification_emails }
  table_settings = { deletion_protection = false }

  # 5 TB, the largest file that comes; the machine for large files takes what is above 100 GiB.
  settings = {
    max_copy_bytes = 5497558138880
    add_ons        = { content_bucket = "${local.prefix}-work", connectors = true, large_files = true, notifications = true }
  }
}
