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

  replay_alarms = {
    replays-dead-letters = {
      description         = "A replay could not be brought to its end: ${module.replays.dead_letter_queue_name} holds it. Send the message to the queue again, and it goes on where it was."
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = module.replays.dead_letter_queue_name }
      statistic           = "Maximum"
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
  }
}

module "alarms" {
  source = "../alarms"

  name          = var.name
  alarms        = merge(local.function_alarms, local.replay_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
