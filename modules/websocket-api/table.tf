resource "aws_dynamodb_table" "live" {
  #checkov:skip=CKV_AWS_28:Nothing in it is older than a connection can be, and clients make it anew
  #checkov:skip=CKV_AWS_119:DynamoDB always encrypts; a customer managed key is the caller's choice (kms_key_arn)
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"
  tags         = var.tags

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  # API Gateway does not always tell the end of a connection; what it forgot goes by itself.
  ttl {
    enabled        = true
    attribute_name = "expiresAt"
  }

  # Disabled means the key DynamoDB owns; enabled without a key would mean the account's aws/dynamodb, billed per call.
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}
