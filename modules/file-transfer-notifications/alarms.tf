locals {
  function_alarms = {
    for key, function in module.function : "${key}-errors" => {
      description         = "${function.name} fails; its log group is ${function.log_group_name}."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = function.name }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
  }

  # Orders that nobody can carry out wait in a queue of the core, which has the alarm on it.
  system_alarms = {
    channels-failed = {
      description         = "Notifications over channels ended as FAILED: TransferNotificationLog says why; send them again once it is mended."
      namespace           = local.common_environment.POWERTOOLS_METRICS_NAMESPACE
      metric_name         = "NotificationsFailed"
      dimensions          = { service = "${var.name}-deliver-notifications" }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    expectations-missed = {
      description         = "Files that have to come did not: TransferExpectation says which."
      namespace           = local.common_environment.POWERTOOLS_METRICS_NAMESPACE
      metric_name         = "ExpectationsMissed"
      dimensions          = { service = "${var.name}-check-expectations" }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    # Without rounds nobody is ever late. The period is longer than any sensible schedule.
    expectations-unchecked = {
      description         = "Expectations were not checked for an hour: is the rule ${var.name}-check-expectations enabled?"
      namespace           = "AWS/Lambda"
      metric_name         = "Invocations"
      dimensions          = { FunctionName = module.function["check-expectations"].name }
      period              = 3600
      threshold           = 1
      comparison_operator = "LessThanThreshold"
      treat_missing_data  = "breaching"
    }
  }
}

module "alarms" {
  source = "../alarms"

  name          = var.name
  alarms        = merge(local.function_alarms, local.system_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
