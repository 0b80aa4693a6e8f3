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

  system_alarms = {
    audit-unexported = {
      description         = "Audit records could not be exported; ${aws_sqs_queue.unexported.name} says where in the stream they are, which keeps them for 24 hours."
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = aws_sqs_queue.unexported.name }
      statistic           = "Maximum"
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    audit-tampered = {
      description         = "Somebody changed or removed records of the audit log: no role of ours may. The log of ${module.function["export-audit"].name} names them."
      namespace           = local.common_environment.POWERTOOLS_METRICS_NAMESPACE
      metric_name         = "AuditRecordsTampered"
      dimensions          = { service = module.function["export-audit"].name }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    audit-unsealed = {
      description         = "No hour was looked at for sealing within an hour: is the rule ${var.name}-seal-audit enabled?"
      namespace           = "AWS/Lambda"
      metric_name         = "Invocations"
      dimensions          = { FunctionName = module.function["seal-audit"].name }
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
