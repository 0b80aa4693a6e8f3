# The function may put rows, Firehose may write objects; nobody here reads or deletes any.
data "aws_caller_identity" "current" {}

locals {
  export_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "PutRows"
        Effect   = "Allow"
        Action   = ["firehose:PutRecordBatch"]
        Resource = sort([for stream in aws_kinesis_firehose_delivery_stream.this : stream.arn])
      },
      ], var.kms_key_arn == null ? [] : [
      # The environment and the queue of what could not be exported are encrypted with it.
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
    ])
  })

  # What Firehose asks for an S3 destination, and no more.
  delivery_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "FindBucket", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], Resource = [module.bucket.arn] },
      { Sid = "WriteObjects", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:PutObject"], Resource = ["${module.bucket.arn}/*"] },
      { Sid = "TellOfRefusals", Effect = "Allow", Action = ["logs:PutLogEvents"], Resource = ["${aws_cloudwatch_log_group.delivery.arn}:log-stream:*"] },
      ], var.kms_key_arn == null ? [] : [
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
    ])
  })
}

resource "aws_iam_role" "delivery" {
  name                 = "${var.name}-analytics-delivery"
  description          = "Firehose, when it writes rows of ${var.name}."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "firehose.amazonaws.com" }
        Condition = { StringEquals = { "sts:ExternalId" = data.aws_caller_identity.current.account_id } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "delivery" {
  name   = "write"
  role   = aws_iam_role.delivery.name
  policy = local.delivery_policy
}
