locals {
  function_alarms = {
    for key, function in module.function : "${key}-errors" => {
      description         = "${function.name} fails; its log group is ${function.log_group_name}."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = function.name }
      threshold           = var.alarm_limits.function_errors
      comparison_operator = "GreaterThanThreshold"
    }
  }

  queue_alarms = {
    for key, queue in { wake = module.wake.dead_letter_queue_name, schedule = module.schedule.dead_letter_queue_name } : "${key}-dead-letters" => {
      description            = "Messages that could not be delivered wait in ${queue}; the schedule heals what they would have told."
      namespace              = "AWS/SQS"
      metric_name            = "ApproximateNumberOfMessagesVisible"
      dimensions             = { QueueName = queue }
      statistic              = "Maximum"
      threshold              = 0
      comparison_operator    = "GreaterThanThreshold"
    }
  }

  # Both functions ask DRS and its quotas: the one when a wave starts, the other while it waits.
  reading_alarms = merge([
    for key in ["execution-poller", "orchestration"] : {
      "${key}-describe-errors" = {
        description         = "${var.name}-${key} cannot read DRS: executions stand still until it can. Nothing counts as failed for it."
        namespace           = local.common_environment.POWERTOOLS_METRICS_NAMESPACE
        metric_name         = "DescribeErrors"
        dimensions          = { service = "${var.name}-${key}" }
        threshold           = var.alarm_limits.describe_errors
        period              = 300
        comparison_operator = "GreaterThanThreshold"
      }
      "${key}-quota-unreadable" = {
        description         = "${var.name}-${key} cannot read the quotas of DRS: nothing starts until it can."
        namespace           = local.common_environment.POWERTOOLS_METRICS_NAMESPACE
        metric_name         = "QuotaUnreadable"
        dimensions          = { service = "${var.name}-${key}" }
        threshold           = 0
        comparison_operator = "GreaterThanThreshold"
      }
    }
  ]...)

  system_alarms = {
    executions-failed = {
      description         = "A recovery plan ended without recovering anything, or its record could not be written."
      namespace           = "AWS/States"
      metric_name         = "ExecutionsFailed"
      dimensions          = { StateMachineArn = module.machine.arn }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    ticks-missing = {
      description         = "The finder was not invoked for five minutes: lost events are not healed, heartbeats stop."
      namespace           = "AWS/Lambda"
      metric_name         = "Invocations"
      dimensions          = { FunctionName = module.function["execution-finder"].name }
      threshold           = 1
      period              = 300
      comparison_operator = "LessThanThreshold"
      treat_missing_data  = "breaching"
    }
  }
}

module "alarms" {
  source = "../alarms"

  name          = var.name
  alarms        = merge(local.function_alarms, local.queue_alarms, local.reading_alarms, local.system_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
