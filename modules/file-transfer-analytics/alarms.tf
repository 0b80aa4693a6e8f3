locals {
  delivery_alarms = {
    for name, stream in aws_kinesis_firehose_delivery_stream.this : "analytics-${local.datasets[name].key}-stale" => {
      description         = "${stream.name} has held rows for an hour without writing them: ${aws_cloudwatch_log_group.delivery.name} says why. Firehose drops them after a day."
      namespace           = "AWS/Firehose"
      metric_name         = "DeliveryToS3.DataFreshness"
      dimensions          = { DeliveryStreamName = stream.name }
      statistic           = "Maximum"
      period              = 300
      threshold           = 3600
      comparison_operator = "GreaterThanThreshold"
    }
  }

  export_alarms = {
    analytics-errors = {
      description         = "${module.function.name} fails; its log group is ${module.function.log_group_name}. Streams keep changes for 24 hours."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = module.function.name }
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
    analytics-behind = {
      description         = "${module.function.name} is an hour behind the tables. Is PutRecordBatch throttled? Its log says rows refused; ask for more of Firehose's quota."
      namespace           = "AWS/Lambda"
      metric_name         = "IteratorAge"
      dimensions          = { FunctionName = module.function.name }
      statistic           = "Maximum"
      period              = 300
      threshold           = 3600000
      comparison_operator = "GreaterThanThreshold"
    }
    analytics-unexported = {
      description         = "Changes never became rows; ${aws_sqs_queue.unexported.name} says where in which stream they are, which keeps them for 24 hours."
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = aws_sqs_queue.unexported.name }
      statistic           = "Maximum"
      threshold           = 0
      comparison_operator = "GreaterThanThreshold"
    }
  }
}

module "alarms" {
  source = "../alarms"

  name          = var.name
  alarms        = merge(local.export_alarms, local.delivery_alarms)
  alarm_actions = var.alarm_actions
  tags          = var.tags
}
