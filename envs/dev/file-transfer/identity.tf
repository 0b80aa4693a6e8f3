# Who may log in stands in the workflow definitions, beside the routes of their files: a partner is one item, no deploy, and may
# have a password or source networks. The two below ship with the stack. To let Transfer Family manage users instead, delete
# this file, give module.file_transfer sftp.users, and local.workflows as they are. Either change makes another server.
locals {
  sftp_users = {
    copy-sftp-to-s3-and-sftp = {
      name = "bankpacific"
      user = { publicKeys = values(var.sftp_public_keys["bankpacific"]) }
    }
    copy-s3-to-sftp = {
      name = "partner"
      user = {
        publicKeys = values(var.sftp_public_keys["partner"])
        access     = "read-only"
        home       = { bucket = module.partner_bucket.name, prefix = "" }
      }
    }
  }

  sftp_sections = {
    for id, each in local.sftp_users : id => { sftpUserName = each.name, sections = { sftpUser = jsonencode(each.user) } }
  }

  workflows_with_users = { for id, workflow in local.workflows : id => merge(workflow, try(local.sftp_sections[id], {})) }
}

module "file_transfer_identity" {
  source = "../../../modules/file-transfer-identity"

  name          = "file-transfer"
  package       = var.package
  content_layer = var.content_layer
  file_transfer = module.file_transfer.system
  server_arn    = module.file_transfer.sftp_server_arn
  alarm_actions = var.alarm_actions

  homes = {
    landing = { bucket = module.file_transfer.landing_bucket_name, prefix = "from-sftp/" }
    pickup  = { bucket = module.partner_bucket.name }
  }
}
