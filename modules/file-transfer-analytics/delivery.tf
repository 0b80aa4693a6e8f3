# One delivery stream a table. The prefix has the day of the export in it, so that Firehose adds nothing of its own; the rows
# end with a line break already.
module "bucket" {
  source = "../s3-bucket"

  name            = var.analytics_bucket.name
  force_destroy   = var.analytics_bucket.force_destroy
  versioning      = false # objects are written once, under names of their own
  lifecycle_rules = var.analytics_bucket.retention_days == null ? null : { expiration_days = var.analytics_bucket.retention_days }
  kms_key_arn     = var.kms_key_arn
  tags            = var.tags
}

resource "aws_cloudwatch_log_group" "delivery" {
  name              = "/aws/kinesisfirehose/${var.name}-analytics"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_cloudwatch_log_stream" "delivery" {
  for_each = local.datasets

  name           = each.value.key
  log_group_name = aws_cloudwatch_log_group.delivery.name
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  for_each = local.datasets

  name        = "${var.name}-${each.value.key}"
  destination = "extended_s3"
  tags        = var.tags

  server_side_encryption {
    enabled  = true
    key_type = var.kms_key_arn == null ? "AWS_OWNED_CMK" : "CUSTOMER_MANAGED_CMK"
    key_arn  = var.kms_key_arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.delivery.arn
    bucket_arn          = module.bucket.arn
    buffering_interval  = var.rows.buffer_seconds
    buffering_size      = var.rows.buffer_mib
    compression_format  = "GZIP"
    file_extension      = ".json.gz"
    custom_time_zone    = "UTC"
    prefix              = "${each.value.table}/day=!{timestamp:yyyy-MM-dd}/"
    error_output_prefix = "errors/${each.value.table}/!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery.name
      log_stream_name = aws_cloudwatch_log_stream.delivery[each.key].name
    }
  }

  # Otherwise the first objects are refused.
  depends_on = [aws_iam_role_policy.delivery]
}
