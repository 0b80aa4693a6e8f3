# Remote SFTP servers as targets and as sources. What is sent or fetched passes through a bucket of its own: connectors
# name objects by path alone, so nobody else may write there, and nothing there is taken for an arrival.
locals {
  landing_arn   = var.file_transfer.landing_bucket.arn
  exchange_arn  = module.exchange_bucket.arn
  table_arn     = module.tables.arns["ConnectorTransfer"]
  connector_ids = { for alias, connector in aws_transfer_connector.this : alias => connector.connector_id }
}

module "exchange_bucket" {
  source = "../s3-bucket"

  name            = var.exchange.bucket_name
  force_destroy   = var.exchange.force_destroy
  lifecycle_rules = { expiration_days = var.exchange.expiration_days, noncurrent_days = 1, abort_multipart_days = 1 }
  kms_key_arn     = var.kms_key_arn
  tags            = var.tags
}

module "tables" {
  source = "../dynamodb-tables"

  name_prefix = var.connector_table.name_prefix
  tables = {
    ConnectorTransfer = {
      hash_key      = "PK"
      range_key     = "SK"
      attributes    = { PK = "S", SK = "S", line = "S", dueAt = "S" }
      ttl_attribute = "expiresAt"
      global_secondary_indexes = {
        # Sparse: only what waits for a connector or is under way stands in a line.
        LineIndex = { hash_key = "line", range_key = "dueAt" }
      }
      point_in_time_recovery = var.connector_table.point_in_time_recovery
      deletion_protection    = var.connector_table.deletion_protection
    }
  }
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}

resource "aws_transfer_connector" "this" {
  for_each = var.connectors

  url                  = each.value.url
  access_role          = aws_iam_role.connector[each.key].arn
  logging_role         = each.value.logging_role_arn
  security_policy_name = each.value.security_policy_name

  sftp_config {
    trusted_host_keys = each.value.trusted_host_keys
    user_secret_id    = aws_secretsmanager_secret.login[each.key].arn
  }

  # The connector itself has no name; consoles show this tag.
  tags = merge({ Name = "${var.name}-${each.key}" }, var.tags)

  # Otherwise the first transfers are refused.
  depends_on = [aws_iam_role_policy.connector]
}

resource "aws_secretsmanager_secret" "login" {
  #checkov:skip=CKV2_AWS_57:The partner says when our login there changes; nobody can rotate it alone
  for_each = var.connectors

  name                    = "${var.name}/connectors/${each.key}"
  description             = "Our login at the SFTP server ${each.key}: JSON with Username and PrivateKey, Password or both."
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.connector_settings.login_recovery_days
  tags                    = var.tags
}

resource "aws_secretsmanager_secret_version" "login" {
  for_each = { for alias, connector in var.connectors : alias => connector.login if connector.login != null }

  secret_id     = aws_secretsmanager_secret.login[each.key].id
  secret_string = each.value
}
