locals {
  metrics_namespace = local.common_environment.POWERTOOLS_METRICS_NAMESPACE

  function_alarms = {
    for key, function in module.function : "${key}-errors" => {
      description         = "${function.name} fails; its log group is ${function.log_group_name}."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = function.name }
      threshold           = var.alarm_levels.function_errors
      comparison_operator = "GreaterThanThreshold"
    }
  }

  queue_alarms = {
    for key, queue in {
      machine-ended = module.ended.dead_letter_queue_name
      tick          = module.tick.dead_letter_queue_name
      drift         = module.drift.dead_letter_queue_name
      } : "${key}-dead-letters" => {
      description         = "Messages that could not be delivered wait in ${queue}; the schedule heals what they would have told."
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = queue }
      statistic           = "Maximum"
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
  }

  job_alarms = {
    jobs-failed = {
      description         = "A migration failed: its job says at which step and why, and in which state the target is."
      namespace           = "AWS/States"
      metric_name         = "ExecutionsFailed"
      dimensions          = { StateMachineArn = module.machine.arn }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    machine-stopped = {
      description         = "Somebody stopped a run of the machine; the reconciler ends its job as MACHINE_ENDED."
      namespace           = "AWS/States"
      metric_name         = "ExecutionsAborted"
      dimensions          = { StateMachineArn = module.machine.arn }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    needs-attention = {
      description         = "A rollback failed: the target is in a state that nobody planned. The job lists what could not be put back."
      namespace           = local.metrics_namespace
      metric_name         = "JobsNeedsAttention"
      dimensions          = { service = "${var.name}-job-status-updater" }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    # Whoever ends a job counts it under its own name, and an alarm listens to one name.
    needs-attention-machine-ended = {
      description         = "The machine of a job ended during an import: the target may be in a state that nobody planned."
      namespace           = local.metrics_namespace
      metric_name         = "JobsNeedsAttention"
      dimensions          = { service = "${var.name}-job-reconciler" }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    job-running-too-long = {
      description         = "A job at work has not come to its next step for longer than ${var.alarm_levels.job_seconds} seconds, approvals not counted."
      namespace           = local.metrics_namespace
      metric_name         = "OldestRunningJobSeconds"
      dimensions          = { service = "${var.name}-job-reconciler" }
      statistic           = "Maximum"
      period              = 300
      threshold           = var.alarm_levels.job_seconds
      comparison_operator = "GreaterThanThreshold"
    }
    ticks-missing = {
      description         = "The reconciler was not invoked for a quarter of an hour: lost starts, answers and slots are not healed."
      namespace           = "AWS/Lambda"
      metric_name         = "Invocations"
      dimensions          = { FunctionName = module.function["job-reconciler"].name }
      threshold           = 1
      period              = 900
      comparison_operator = "LessThanThreshold"
      treat_missing_data  = "breaching"
    }
  }
}

module "alarms" {
  source = "../alarms"

  name          = var.name
  alarms        = merge(local.function_alarms, local.queue_alarms, local.job_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
