locals {
  function_alarms = {
    for key, function in module.function : "${key}-errors" => {
      description         = "${function.name} fails; its log group is ${function.log_group_name}."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = function.name }
      threshold           = var.connector_alarms.function_errors
      comparison_operator = "GreaterThanThreshold"
    }
  }

  queue_alarms = {
    for key, queue in { events = module.events.dead_letter_queue_name, ticks = module.schedule.dead_letter_queue_name } : "connector-${key}-dead-letters" => {
      description              = "Messages that could not be dealt with wait in ${queue}; the schedule makes up for what they would have told."
      namespace                = "AWS/SQS"
      metric_name              = "ApproximateNumberOfMessagesVisible"
      dimensions               = { QueueName = queue }
      statistic                = "Maximum"
      threshold                = 0
      comparison_operator      = "GreaterThanThreshold"
    }
  }

  count_alarms = {
    connector-sends-failed = {
      description         = "A connector could not deliver files: its lines are in the log of ${var.name}-connector-events. Is the partner's server up, its key and our login still the same?"
      namespace           = local.metrics_namespace
      metric_name         = "ConnectorSendsFailed"
      dimensions          = { service = "${var.name}-connector-events" }
      period              = 300
      threshold           = var.connector_alarms.failed_sends
      comparison_operator = "GreaterThanThreshold"
    }
    connector-pulls-failed = {
      description         = "Files could not be fetched from a remote server; they are tried again with each listing."
      namespace           = local.metrics_namespace
      metric_name         = "PullsFailed"
      dimensions          = { service = "${var.name}-connector-events" }
      period              = 300
      threshold           = var.connector_alarms.failed_pulls
      comparison_operator = "GreaterThanThreshold"
    }
    connector-cleanups-failed = {
      description         = "Files that have landed could not be moved or deleted on the remote server: may our login do that there?"
      namespace           = local.metrics_namespace
      metric_name         = "CleanupsFailed"
      dimensions          = { service = "${var.name}-connector-events" }
      period              = 300
      threshold           = var.connector_alarms.failed_pulls
      comparison_operator = "GreaterThanThreshold"
    }
    connector-listings-failed = {
      description         = "A remote folder could not be listed, or a pull is not valid: ${var.name}-start-pulls and ${var.name}-connector-events say why."
      namespace           = local.metrics_namespace
      metric_name         = "ListingsFailed"
      dimensions          = { service = "${var.name}-connector-events" }
      period              = 300
      threshold           = var.connector_alarms.failed_pulls
      comparison_operator = "GreaterThanThreshold"
    }
    connector-ticks-missing = {
      description         = "${var.name}-start-pulls was not invoked for five minutes: nothing is fetched, lost events are not made up for."
      namespace           = "AWS/Lambda"
      metric_name         = "Invocations"
      dimensions          = { FunctionName = module.function["start-pulls"].name }
      period              = 300
      threshold           = 1
      comparison_operator = "LessThanThreshold"
      treat_missing_data  = "breaching"
    }
  }
}

module "alarms" {
  source = "../alarms"

  name          = var.name
  alarms        = merge(local.function_alarms, local.queue_alarms, local.count_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
