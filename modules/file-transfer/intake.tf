# What counts as an arrival. The raw event is passed on: an input template cannot escape a quote in a file name.
locals {
  arrival_rules = merge(local.upload_rules, var.settings.add_ons.large_files ? local.execution_rules : {})

  # What the machine for large files could not say itself: its input names the transfer, the target and the operation.
  execution_rules = {
    large-files-ended = {
      description = "Executions that copied a large file and ended without an outcome."
      event_pattern = jsonencode({
        source        = ["aws.states"]
        "detail-type" = ["Step Functions Execution Status Change"]
        detail = {
          stateMachineArn = [local.large_file_machine_arn]
          status          = ["ABORTED", "FAILED", "TIMED_OUT"]
        }
      })
    }
  }

  upload_rules = {
    s3-arrivals = {
      description = "Objects that producers put into the landing bucket themselves; SFTP keys have their own rule."
      event_pattern = jsonencode({
        source        = ["aws.s3"]
        "detail-type" = ["Object Created"]
        detail = {
          bucket = { name = [module.landing_bucket.name] }
          object = { key = [{ "anything-but" = { prefix = var.landing.sftp_prefix } }] }
        }
      })
    }
    sftp-renames = {
      description = "A rename over SFTP (upload as .filepart, then rename) reaches S3 as CopyObject and is the arrival."
      event_pattern = jsonencode({
        source        = ["aws.s3"]
        "detail-type" = ["Object Created"]
        detail = {
          bucket = { name = [module.landing_bucket.name] }
          object = { key = [{ prefix = var.landing.sftp_prefix }] }
          reason = ["CopyObject"]
        }
      })
    }
    sftp-uploads = {
      description = "Uploads that the SFTP server saw end, whole or broken: S3 alone cannot tell the two apart."
      event_pattern = jsonencode({
        source        = ["aws.transfer"]
        "detail-type" = ["SFTP Server File Upload Completed", "SFTP Server File Upload Failed"]
        detail = {
          # The path says all: a second server whose users write below the prefix is a source too.
          "file-path" = [{ prefix = "/${module.landing_bucket.name}/${var.landing.sftp_prefix}" }]
        }
      })
    }
  }
}

module "sftp" {
  source = "../transfer-family"

  name                     = var.name
  users                    = var.sftp.users
  identity_provider        = var.sftp.identity_provider_function_arn == null ? null : { function_arn = var.sftp.identity_provider_function_arn }
  security_policy_name     = var.sftp.security_policy_name
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn
  tags                     = var.tags
}
