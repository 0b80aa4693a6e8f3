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

  system_alarms = {
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
  alarms        = merge(local.function_alarms, local.system_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
