data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition

  # Uploading in parts to a bucket with a KMS key reads the key back, so writing needs Decrypt too.
  access = {
    read-write = {
      objects = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
      keys    = ["kms:Decrypt", "kms:GenerateDataKey"]
    }
    read-only = {
      objects = ["s3:GetObject", "s3:GetObjectVersion"]
      keys    = ["kms:Decrypt"]
    }
    write-only = {
      objects = ["s3:PutObject"]
      keys    = ["kms:Decrypt", "kms:GenerateDataKey"]
    }
  }

  user_statements = {
    for key, user in var.users : key => concat(
      [
        {
          # Every client lists or stats before it transfers, so write-only users may list too.
          Sid      = "ListHome"
          Effect   = "Allow"
          Action   = ["s3:ListBucket"]
          Resource = ["arn:${local.partition}:s3:::${user.home.bucket}"]
          Condition = {
            StringLike = {
              "s3:prefix" = local.home_prefixes[key] == "" ? ["*"] : [
                local.home_prefixes[key],
                "${local.home_prefixes[key]}/*",
              ]
            }
          }
        },
        {
          Sid    = "UseHome"
          Effect = "Allow"
          Action = local.access[user.access].objects
          Resource = [
            "arn:${local.partition}:s3:::${join("/", compact([user.home.bucket, local.home_prefixes[key], "*"]))}",
          ]
        },
      ],
      user.home.kms_key_arn == null ? [] : [{
        Sid       = "UseKeyThroughS3"
        Effect    = "Allow"
        Action    = local.access[user.access].keys
        Resource  = [user.home.kms_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}" } }
      }],
    )
  }
}

resource "aws_iam_role" "user" {
  for_each = var.users

  name                 = "${var.name}-${each.key}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "transfer.amazonaws.com" }
      Condition = {
        ArnLike      = { "aws:SourceArn" = "${replace(aws_transfer_server.this.arn, ":server/", ":user/")}/*" }
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
      }
    }]
  })
}

resource "aws_iam_role_policy" "user" {
  for_each = var.users

  name = "home"
  role = aws_iam_role.user[each.key].name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.user_statements[each.key]
  })
}
