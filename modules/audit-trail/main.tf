data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  # Built rather than read from the resources: the bucket's policy names the trail, and the trail needs the bucket.
  trail_arn  = "arn:${local.partition}:cloudtrail:${data.aws_region.current.id}:${local.account_id}:trail/${var.name}"
  bucket_arn = "arn:${local.partition}:s3:::${var.bucket.name}"

  bucket_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TrailLooksAtBucket"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = local.bucket_arn
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
      },
      {
        Sid       = "TrailWritesLogs"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local.bucket_arn}/AWSLogs/${local.account_id}/*"
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn, "s3:x-amz-acl" = "bucket-owner-full-control" } }
      },
    ]
  })

  data_event_arns = {
    "AWS::DynamoDB::Table"  = sort(values(var.data_events.table_arns))
    "AWS::Lambda::Function" = sort(values(var.data_events.function_arns))
  }
}

module "bucket" {
  source = "../s3-bucket"

  name            = var.bucket.name
  force_destroy   = var.bucket.force_destroy
  lifecycle_rules = { noncurrent_days = 30 }
  bucket_policy   = local.bucket_policy
  kms_key_arn     = var.kms_key_arn
  tags            = var.tags
}

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_35:S3 encrypts every object; a customer managed key is the caller's choice (kms_key_arn)
  #checkov:skip=CKV_AWS_252:A message for each log file tells nobody anything; alarms are made from what is in them
  #checkov:skip=CKV2_AWS_10:A second copy in CloudWatch Logs costs more than the trail; Athena and Lake read the bucket
  name                          = var.name
  s3_bucket_name                = module.bucket.name
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  kms_key_id                    = var.kms_key_arn
  tags                          = var.tags

  advanced_event_selector {
    name = "Management events"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  dynamic "advanced_event_selector" {
    for_each = { for type, arns in local.data_event_arns : type => arns if length(arns) > 0 }

    content {
      name = "Data events of ${advanced_event_selector.key}"

      field_selector {
        field  = "eventCategory"
        equals = ["Data"]
      }

      field_selector {
        field  = "resources.type"
        equals = [advanced_event_selector.key]
      }

      field_selector {
        field  = "resources.ARN"
        equals = advanced_event_selector.value
      }
    }
  }
}
