module "alarms" {
  source = "../alarms"

  name = local.function_name
  alarms = {
    errors = {
      description         = "${module.function.name} fails: nobody logs in over SFTP meanwhile. Its log group is ${module.function.log_group_name}."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = module.function.name }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    users-unusable = {
      description         = "A user tried to log in whose definition cannot be followed, or two definitions have a user of one name; ${module.function.log_group_name} says which."
      namespace           = "Towpath/FileTransfer"
      metric_name         = "SftpUsersUnusable"
      dimensions          = { service = local.function_name }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
  }
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
