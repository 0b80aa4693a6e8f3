# Partners' own SFTP servers, as targets and as sources of files. Each customer's folders are in its workflow definition.
variable "connectors" {
  description = "Partners' SFTP servers by alias: address, and the keys the server is known by. Our login goes into the secret file-transfer/connectors/<alias>."
  type = map(object({
    url               = string
    trusted_host_keys = list(string)
  }))
  default = {}
}

module "connectors" {
  source = "../../../modules/file-transfer-connectors"

  name               = "file-transfer"
  file_transfer      = module.file_transfer.system
  content_bucket_arn = module.content.work_bucket.arn
  package            = var.package
  connectors         = var.connectors
  exchange           = { bucket_name = "${local.prefix}-connector-exchange" }
  alarm_actions      = var.alarm_actions
}
