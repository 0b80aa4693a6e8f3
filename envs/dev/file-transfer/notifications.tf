# Channels besides the topic, and files that have to come. Each customer's are in its workflow definition. Their secrets lie
# below one name, so that a new channel needs no apply; nothing else of Secrets Manager is within reach.
module "notifications" {
  source = "../../../modules/file-transfer-notifications"

  name          = "file-transfer"
  file_transfer = module.file_transfer.system
  package       = var.package
  alarm_actions = var.alarm_actions

  channel_access = { secret_arns = ["arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:file-transfer/channels/*"] }
}
