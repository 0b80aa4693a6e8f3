resource "aws_cloudwatch_log_group" "this" {
  # Under /aws/vendedlogs/ the log service needs no resource policy per group, and those are few and short.
  name              = "/aws/vendedlogs/transfer/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_transfer_server" "this" {
  domain               = "S3"
  protocols            = ["SFTP"]
  security_policy_name = var.security_policy_name

  identity_provider_type      = var.identity_provider == null ? "SERVICE_MANAGED" : "AWS_LAMBDA"
  function                    = try(var.identity_provider.function_arn, null)
  sftp_authentication_methods = try(var.identity_provider.authentication_methods, null)

  endpoint_type = var.vpc_endpoint == null ? "PUBLIC" : "VPC"

  dynamic "endpoint_details" {
    for_each = var.vpc_endpoint == null ? [] : [var.vpc_endpoint]

    content {
      vpc_id                 = endpoint_details.value.vpc_id
      subnet_ids             = endpoint_details.value.subnet_ids
      security_group_ids     = endpoint_details.value.security_group_ids
      address_allocation_ids = endpoint_details.value.address_allocation_ids
    }
  }

  # JSON logs to a named group are delivered as vended logs and need no logging role.
  structured_log_destinations = ["${aws_cloudwatch_log_group.this.arn}:*"]

  # S3 keeps no file times and modes. Many clients set them after an upload, and would report a failure of a good file.
  protocol_details {
    set_stat_option = "ENABLE_NO_OP"
  }

  s3_storage_options {
    directory_listing_optimization = "ENABLED"
  }

  # The server itself has no name; consoles show this tag.
  tags = merge({ Name = var.name }, var.tags)
}
