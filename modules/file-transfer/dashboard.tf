# What the brief wants to see on one page: transfers by day, workflow and customer, durations, errors, queue, pipe, SLA.
locals {
  metrics_namespace = "Towpath/FileTransfer"
  recorder_service  = module.function["record-status"].name
  sweep_service     = module.function["sweep-arrivals"].name
  outcomes          = ["Success", "Superseded", "Retry", "Partial", "Failed", "Rejected"]

  # Customers are not a dimension of any metric: each would be a metric to pay for. They are counted out of the log.
  customers_query = join(" | ", [
    "SOURCE '${module.function["record-status"].log_group_name}'",
    "fields customerId, status",
    "filter message = 'transfer settled'",
    "stats count(*) as transfers by datefloor(@timestamp, 1d), customerId, status",
    "sort transfers desc",
  ])
  errors_query = join(" | ", [
    "SOURCE '${module.function["record-status"].log_group_name}'",
    "fields @timestamp, customerId, workflowId, transferId, status, reason",
    "filter message = 'transfer settled' and ispresent(reason)",
    "sort @timestamp desc",
    "limit 50",
  ])

  widgets = [
    {
      title   = "Transfers by day and outcome", width = 12, stat = "Sum", period = 86400
      metrics = [for outcome in local.outcomes : [local.metrics_namespace, "FileTransfer${outcome}", "service", local.recorder_service]]
    },
    {
      title = "Seconds from arrival to end", width = 12, stat = "p50", period = 300
      metrics = [
        [local.metrics_namespace, "SecondsSinceArrival", "service", local.recorder_service, { stat = "p50" }],
        [local.metrics_namespace, "SecondsSinceArrival", "service", local.recorder_service, { stat = "p99" }],
      ]
    },
    {
      title = "Errors", width = 8, stat = "Sum", period = 300
      metrics = concat(
        [for key in sort(keys(local.functions)) : ["AWS/Lambda", "Errors", "FunctionName", module.function[key].name]],
        [["AWS/States", "ExecutionsFailed", "StateMachineArn", module.machine.arn], ["AWS/States", "ExecutionsTimedOut", "StateMachineArn", module.machine.arn]],
      )
    },
    {
      title = "Queue: waiting, and age of the oldest in seconds", width = 8, stat = "Maximum", period = 300
      metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", module.intake.queue_name],
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", module.intake.queue_name],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", module.intake.dead_letter_queue_name],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.manual_review.name],
      ]
    },
    {
      title = "Is the pipe running, and the oldest unfinished transfer in seconds (SLA ${var.alarm_thresholds.unfinished_seconds})", width = 8, stat = "Maximum", period = 900
      metrics = [
        [local.metrics_namespace, "PipeRunning", "service", local.sweep_service, { stat = "Minimum" }],
        [local.metrics_namespace, "OldestUnfinishedSeconds", "service", local.sweep_service],
        [local.metrics_namespace, "ArrivalsFound", "service", local.sweep_service, { stat = "Sum" }],
      ]
    },
  ]
  log_tables = [
    { title = "Transfers by day and customer", query = local.customers_query },
    { title = "The last that did not end well", query = local.errors_query },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [for widget in local.widgets : {
        type       = "metric", width = widget.width, height = 6
        properties = { title = widget.title, region = local.region, view = "timeSeries", stat = widget.stat, period = widget.period, metrics = widget.metrics }
      }],
      [for table in local.log_tables : {
        type       = "log", width = 12, height = 6
        properties = { title = table.title, region = local.region, view = "table", query = table.query }
      }],
    )
  })
}
