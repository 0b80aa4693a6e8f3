# The file transfer system on the local cloud: the same module as in dev and prod, with short times and small buckets.
locals {
  tags = { Environment = "local", System = "file-transfer" }

  workflow_files = "${path.module}/../../workflows/file-transfer"
  workflows = {
    for file in fileset(local.workflow_files, "*.json") :
    trimsuffix(file, ".json") => jsondecode(templatefile("${local.workflow_files}/${file}", { archive_bucket = module.archive_bucket.name }))
  }
}

module "archive_bucket" {
  source = "../../../modules/s3-bucket"

  name          = "archive-bucket-secure"
  force_destroy = true
}

module "partner_bucket" {
  source = "../../../modules/s3-bucket"

  name          = "partner-sftp-backend"
  force_destroy = true
}

module "file_transfer" {
  source = "../../../modules/file-transfer"

  name                = "file-transfer"
  definition_template = file("${path.module}/../../../asl/file_transfer.asl.json")
  package             = var.package
  layer               = var.layer
  lambda              = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }
  workflows           = local.workflows

  landing = {
    bucket_name   = "sftp-landing-zone"
    force_destroy = true
  }

  targets = {
    archive = { type = "S3", bucket = module.archive_bucket.name }
    partner = { type = "SFTP", bucket = module.partner_bucket.name }
  }

  sftp = { users = {
    bankpacific = {
      home            = { bucket = "sftp-landing-zone", prefix = "from-sftp/bankpacific/" }
      ssh_public_keys = { main = var.sftp_public_keys["bankpacific"] }
    }
    partner = {
      home            = { bucket = module.partner_bucket.name, prefix = "" }
      access          = "read-only"
      ssh_public_keys = { main = var.sftp_public_keys["partner"] }
    }
    tester = {
      home            = { bucket = "sftp-landing-zone", prefix = "from-sftp/" }
      ssh_public_keys = { main = var.sftp_public_keys["tester"] }
    }
  } }

  # Seconds where production has minutes, so that a test can watch a redelivery and a retry.
  intake = {
    visibility_timeout_seconds = 10
    max_receive_count          = 6
    lease_seconds              = 8
    sweep                      = { settle_seconds = 2, log_group_names = ["/aws/vendedlogs/transfer/file-transfer-partners"] }
  }
  retry          = { base_delay_seconds = 1, max_delay_seconds = 4 }
  notifications  = { max_attempts = 3, stream_retry_attempts = 6 }
  table_settings = { deletion_protection = false }

  # Every way of copying is taken by files that a laptop holds.
  settings = {
    workflow_cache_seconds = 1
    copy_object_bytes      = 6291456
    part_bytes             = 5242880
    large_file_bytes       = 11534336
    max_copy_bytes         = 5497558138880
    add_ons                = { content_bucket = "file-transfer-work", connectors = true, large_files = true, notifications = true }
  }
}
