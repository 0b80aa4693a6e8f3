# Storage, tables and messages of the system. Each part comes from its own module; this one knows the business.

module "landing_bucket" {
  source = "../s3-bucket"

  name                      = var.landing.bucket_name
  force_destroy             = var.landing.force_destroy
  eventbridge_notifications = true
  kms_key_arn               = var.kms_key_arn
  lifecycle_rules           = var.landing.lifecycle_rules
  tags                      = var.tags
  versioning                = true # the transfer's identity is (bucket, key, version): without versions an overwrite loses a file
}

module "tables" {
  source = "../dynamodb-tables"

  name_prefix = var.table_settings.name_prefix
  tables      = local.tables
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}

module "intake" {
  source = "../eventbridge-sqs"

  name  = "${var.name}-queue"
  rules = local.arrival_rules
  queue = {
    visibility_timeout_seconds = var.intake.visibility_timeout_seconds
    max_receive_count          = var.intake.max_receive_count
    message_retention_seconds  = var.intake.message_retention_seconds
  }
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}

resource "aws_sqs_queue" "manual_review" {
  name                              = var.intake.manual_review_queue_name
  message_retention_seconds         = 1209600 # 14 days, the longest SQS keeps: a person has to come by
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 300
  tags                              = var.tags
}

resource "aws_sns_topic" "notify" {
  name              = "${var.name}-notify"
  kms_master_key_id = var.kms_key_arn == null ? "alias/aws/sns" : var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.notifications.emails

  topic_arn = aws_sns_topic.notify.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_sqs_queue" "unrecorded" {
  # What the status stream could not record after its retries: the stream mapping's on-failure destination.
  name                              = "${var.name}-unrecorded"
  message_retention_seconds         = 1209600
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 300
  tags                              = var.tags
}
