locals {
  function_alarms = {
    for key, function in module.function : "${key}-errors" => {
      description         = "${function.name} fails; its log group is ${function.log_group_name}. The machine repeats a step, so one failure costs no file."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = function.name }
      period              = 300
      threshold           = var.large_file_alarms.function_errors
      comparison_operator = "GreaterThanThreshold"
    }
  }

  machine_alarms = {
    for key, metric in { failed = "ExecutionsFailed", timed-out = "ExecutionsTimedOut", aborted = "ExecutionsAborted" } : "large-files-${key}" => {
      description               = "A large copy ended without reporting an outcome; its transfer is told by the event of the execution. The execution's history in ${module.machine.name} says why."
      namespace                 = "AWS/States"
      metric_name               = metric
      dimensions                = { StateMachineArn = module.machine.arn }
      threshold                 = var.large_file_alarms.executions_ended
      comparison_operator       = "GreaterThanThreshold"
    }
  }
}

module "alarms" {
  source = "../alarms"

  name          = var.name
  alarms        = merge(local.function_alarms, local.machine_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
