module "alarms" {
  source = "../alarms"

  name = local.function_name
  alarms = {
    errors = {
      description         = "${module.function.name} fails: files of workflows with rules or processing are retried meanwhile. Its log group is ${module.function.log_group_name}."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = module.function.name }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
  }
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
