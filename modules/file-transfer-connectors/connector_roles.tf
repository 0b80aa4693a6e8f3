# The role that a connector acts with: it reads what is to be sent, writes what it fetched, and knows its own login alone.
locals {
  connector_policies = {
    for alias in keys(var.connectors) : alias => jsonencode({
      Version = "2012-10-17"
      Statement = concat([
        { Sid = "ReadOutbox", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = ["${local.exchange_arn}/outbox/*"] },
        { Sid = "WriteFetched", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["${local.exchange_arn}/inbox/*", "${local.exchange_arn}/listings/*"] },
        { Sid = "FindBucket", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket"], Resource = [local.exchange_arn] },
        { Sid = "ReadLogin", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = [aws_secretsmanager_secret.login[alias].arn] },
      ], local.kms_statements)
    })
  }
}

resource "aws_iam_role" "connector" {
  for_each = var.connectors

  name                 = "${var.name}-connector-${each.key}"
  description          = "Acts for the SFTP connector ${each.key}."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "transfer.amazonaws.com" }
      Action    = "sts:AssumeRole"
      # No connector of another account may use the role (confused deputy).
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "connector" {
  for_each = var.connectors

  name   = "connector"
  role   = aws_iam_role.connector[each.key].id
  policy = local.connector_policies[each.key]
}

data "aws_caller_identity" "current" {}
