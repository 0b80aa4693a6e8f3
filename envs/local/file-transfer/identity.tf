# A second server, whose users stand in the workflow definitions: passwords, source networks, session policies. The first
# keeps users of its own, so that both kinds are tried here.
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
  lambda        = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }
  file_transfer = module.file_transfer.system
  server_arn    = module.partners_server.server_arn

  homes = {
    landing = { bucket = module.file_transfer.landing_bucket_name, prefix = "from-sftp/" }
    pickup  = { bucket = module.partner_bucket.name }
  }
}
