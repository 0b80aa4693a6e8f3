# Records, messages and schedule of the system. Each part comes from its own module; this one knows the business.

module "tables" {
  source = "../dynamodb-tables"

  name_prefix = var.records.name_prefix
  tables      = local.tables
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}

# DRS tells when a source server has launched: the poller looks at once instead of at the next minute. Delayed messages to the
# same queue are how the poller asks for a second look a moment later.
module "wake" {
  source = "../eventbridge-sqs"

  name  = "${var.name}-wake"
  rules = local.wake_rules
  queue = {
    visibility_timeout_seconds = 6 * local.finder_timeout_seconds # Lambda asks for six times the function's timeout
    message_retention_seconds  = 3600                             # the schedule finds what an old message would tell
    max_receive_count          = 5
  }
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}

module "schedule" {
  source = "../event-schedule"

  name                = "${var.name}-tick"
  description         = "Looks after every execution that has not ended, also when every event is lost."
  schedule_expression = var.orchestration.schedule_expression
  function_arn        = module.function["execution-finder"].arn
  function_name       = module.function["execution-finder"].name
  kms_key_arn         = var.kms_key_arn
  tags                = var.tags
}

resource "aws_sns_topic" "notify" {
  name              = "${var.name}-notify"
  kms_master_key_id = var.kms_key_arn == null ? "alias/aws/sns" : var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.orchestration.notification_emails

  topic_arn = aws_sns_topic.notify.arn
  protocol  = "email"
  endpoint  = each.value
}

locals {
  finder_timeout_seconds = 60

  wake_rules = {
    launches = {
      description   = "Results of recovery launches."
      event_pattern = jsonencode({ source = ["aws.drs"], "detail-type" = ["DRS Source Server Launch Result"] })
    }
  }
}
