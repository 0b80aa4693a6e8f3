# The role that all users act as. What a user may really do is this and the session policy of its login, both.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id

  # Built rather than read from the resource: the role trusts the server, which asks the function, which names the role.
  user_role_name = "${var.name}-sftp-user"
  user_role_arn  = "arn:${local.partition}:iam::${local.account_id}:role/${local.user_role_name}"

  home_buckets = sort(distinct([for home in local.homes : home.bucket]))
  home_keys    = sort(distinct(compact([for home in local.homes : home.kms_key_arn])))

  user_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for bucket in local.home_buckets : {
        Sid       = "List${replace(title(replace(bucket, "/[^a-z0-9]+/", " ")), " ", "")}"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:${local.partition}:s3:::${bucket}"]
        Condition = { StringLike = { "s3:prefix" = sort([for home in local.homes : "${home.prefix}*" if home.bucket == bucket]) } }
      }],
      [{
        Sid      = "UseHomes"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = sort([for home in local.homes : "arn:${local.partition}:s3:::${home.bucket}/${home.prefix}*"])
      }],
      length(local.home_keys) == 0 ? [] : [{
        Sid       = "UseKeysThroughS3"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = local.home_keys
        Condition = { StringEquals = { "kms:ViaService" = "s3.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}" } }
      }],
    )
  })
}

resource "aws_iam_role" "user" {
  name                 = local.user_role_name
  description          = "SFTP users of ${var.name}, each within the session policy of its login."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "transfer.amazonaws.com" }
      Condition = {
        # AWS does not say whether users of an identity provider count as the server's users or as the server.
        ArnLike      = { "aws:SourceArn" = [var.server_arn, "${replace(var.server_arn, ":server/", ":user/")}/*"] }
        StringEquals = { "aws:SourceAccount" = local.account_id }
      }
    }]
  })
}

resource "aws_iam_role_policy" "user" {
  name   = "homes"
  role   = aws_iam_role.user.name
  policy = local.user_policy
}
