# A second server for partners who stand in the workflow definitions, beside the routes of their files: one item a partner, no
# deploy, and passwords or source networks where they are wanted. A server costs about 220 USD a month; where all users may
# stand in definitions, sftp.identity_provider_function_arn of module.file_transfer makes this one superfluous.
module "partners_server" {
  source = "../../../modules/transfer-family"

  name              = "file-transfer-partners"
  identity_provider = { function_arn = module.file_transfer_identity.function_arn }
}

module "file_transfer_identity" {
  source = "../../../modules/file-transfer-identity"

  name          = "file-transfer"
  package       = var.package
  content_layer = var.content_layer
  file_transfer = module.file_transfer.system
  server_arn    = module.partners_server.server_arn
  alarm_actions = var.alarm_actions

  homes = {
    landing = { bucket = module.file_transfer.landing_bucket_name, prefix = "from-sftp/" }
    pickup  = { bucket = module.partner_bucket.name }
  }
}
