# Messages, schedules and files of the system. Each part comes from its own module; this one knows the business.

# Bundles hold definitions of assets and no data, but those say what a business looks at: kept for as long as a restore may
# want them, and no longer.
module "bundles" {
  source = "../s3-bucket"

  name          = var.bundle_bucket.name
  force_destroy = var.bundle_bucket.force_destroy
  kms_key_arn   = var.kms_key_arn
  managed_key   = var.kms_key_arn == null
  lifecycle_rules = {
    abort_multipart_days = 1
    expiration_days      = var.bundle_bucket.expiration_days
    noncurrent_days      = var.bundle_bucket.noncurrent_days
  }
  tags = var.tags
}

# Runs that ended by themselves, were aborted or timed out are looked at at once: the machine wrote nothing of it.
module "ended" {
  source = "../eventbridge-sqs"

  name  = "${var.name}-machine-ended"
  rules = local.ended_rules
  queue = {
    visibility_timeout_seconds = 6 * local.reconciler_timeout_seconds # Lambda asks for six times the function's timeout
    message_retention_seconds  = 3600                                 # the schedule finds what an old message would tell
    max_receive_count          = 5
  }
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}

module "tick" {
  source = "../event-schedule"

  name                = "${var.name}-tick"
  description         = "Looks after every job that has not ended, also when every event is lost."
  schedule_expression = var.migration.schedule_expression
  function_arn        = module.function["job-reconciler"].arn
  function_name       = module.function["job-reconciler"].name
  kms_key_arn         = var.kms_key_arn
  tags                = var.tags
}

module "drift" {
  source = "../event-schedule"

  name                = "${var.name}-drift"
  description         = "Compares every migrated asset with what was migrated, at both ends."
  schedule_expression = var.drift.schedule_expression
  enabled             = var.drift.enabled
  function_arn        = module.function["drift-report"].arn
  function_name       = module.function["drift-report"].name
  input               = jsonencode({})
  kms_key_arn         = var.kms_key_arn
  tags                = var.tags
}

resource "aws_sns_topic" "alerts" {
  name              = "${var.name}-alerts"
  kms_master_key_id = var.kms_key_arn == null ? "alias/aws/sns" : var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.migration.notification_emails

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}

locals {
  reconciler_timeout_seconds = 60

  ended_rules = {
    runs = {
      description = "Runs of the machine that have ended, however they did."
      event_pattern = jsonencode({
        source        = ["aws.states"]
        "detail-type" = ["Step Functions Execution Status Change"]
        detail = {
          stateMachineArn = [local.state_machine_arn]
          status          = ["ABORTED", "FAILED", "SUCCEEDED", "TIMED_OUT"]
        }
      })
    }
  }
}
