locals {
  function_alarms = {
    for key, function in module.function : "${key}-errors" => {
      description         = "${function.name} fails; its log group is ${function.log_group_name}."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = function.name }
      threshold           = var.alarm_thresholds.function_errors
      comparison_operator = "GreaterThanThreshold"
    }
  }

  sweep_alarms = {
    pipe-stopped = {
      description         = "The pipe ${local.pipe_name} is not RUNNING: nothing is taken from the queue. aws pipes describe-pipe says why."
      namespace           = local.metrics_namespace
      metric_name         = "PipeRunning"
      dimensions          = { service = local.sweep_service }
      statistic           = "Minimum"
      period              = 900
      threshold           = 1
      comparison_operator = "LessThanThreshold"
    }
    unfinished = {
      description         = "A transfer has not ended for longer than the SLA of ${var.alarm_thresholds.unfinished_seconds} seconds."
      namespace           = local.metrics_namespace
      metric_name         = "OldestUnfinishedSeconds"
      dimensions          = { service = local.sweep_service }
      statistic           = "Maximum"
      period              = 900
      threshold           = var.alarm_thresholds.unfinished_seconds
      comparison_operator = "GreaterThanThreshold"
    }
  }

  order_alarms = {
    for name in local.order_queues : "${name}-dead-letters" => {
      description         = "Orders that nobody could carry out wait in ${aws_sqs_queue.orders_dead_letter[name].name}."
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = aws_sqs_queue.orders_dead_letter[name].name }
      statistic           = "Maximum"
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
  }

  system_alarms = {
    failed-transfers = {
      description         = "More than ${var.alarm_thresholds.failed_transfers} transfers ended FAILED within five minutes: is a target down?"
      namespace           = local.metrics_namespace
      metric_name         = "FileTransferFailed"
      dimensions          = { service = local.recorder_service }
      period              = 300
      threshold           = var.alarm_thresholds.failed_transfers
      comparison_operator = "GreaterThanThreshold"
    }
    dead-letters = {
      description         = "Messages that were received ${var.intake.max_receive_count} times without success wait in ${module.intake.dead_letter_queue_name}."
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = module.intake.dead_letter_queue_name }
      statistic           = "Maximum"
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    queue-age = {
      description         = "The oldest message waits too long: is the pipe RUNNING?"
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateAgeOfOldestMessage"
      dimensions          = { QueueName = module.intake.queue_name }
      statistic           = "Maximum"
      threshold           = var.alarm_thresholds.queue_age_seconds
      comparison_operator = "GreaterThanThreshold"
    }
    manual-review = {
      description         = "Transfers wait for a person in ${aws_sqs_queue.manual_review.name}."
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = aws_sqs_queue.manual_review.name }
      statistic           = "Maximum"
      threshold           = var.alarm_thresholds.manual_review
      comparison_operator = "GreaterThanThreshold"
    }
    unrecorded = {
      description         = "Status changes that could not be recorded wait in ${aws_sqs_queue.unrecorded.name}."
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = aws_sqs_queue.unrecorded.name }
      statistic           = "Maximum"
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    executions-failed = {
      description         = "Executions of the state machine fail as a whole; the queue redelivers their messages."
      namespace           = "AWS/States"
      metric_name         = "ExecutionsFailed"
      dimensions          = { StateMachineArn = module.machine.arn }
      threshold           = var.alarm_thresholds.executions_failed
      comparison_operator = "GreaterThanThreshold"
    }
    executions-timed-out = {
      description         = "Executions reach the five minutes that Express gives them."
      namespace           = "AWS/States"
      metric_name         = "ExecutionsTimedOut"
      dimensions          = { StateMachineArn = module.machine.arn }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
  }
}

module "alarms" {
  source = "../alarms"

  name          = var.name
  alarms        = merge(local.function_alarms, local.system_alarms, local.sweep_alarms, local.order_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
