mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example"
}

run "server_speaks_only_sftp_with_current_ciphers" {
  command = plan

  assert {
    condition = (
      aws_transfer_server.this.protocols == toset(["SFTP"]) &&
      aws_transfer_server.this.domain == "S3" &&
      aws_transfer_server.this.identity_provider_type == "SERVICE_MANAGED" &&
      aws_transfer_server.this.security_policy_name == "TransferSecurityPolicy-2025-03"
    )
    error_message = "The server is not an SFTP server on S3 with the newest security policy."
  }

  assert {
    condition     = aws_transfer_server.this.endpoint_type == "PUBLIC" && length(aws_transfer_server.this.endpoint_details) == 0
    error_message = "The default endpoint is not the public one."
  }
}

run "a_function_can_answer_who_logs_in" {
  command = plan

  variables {
    identity_provider = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:who", authentication_methods = "PUBLIC_KEY_AND_PASSWORD" }
  }

  assert {
    condition = (
      aws_transfer_server.this.identity_provider_type == "AWS_LAMBDA" &&
      aws_transfer_server.this.function == var.identity_provider.function_arn &&
      aws_transfer_server.this.sftp_authentication_methods == "PUBLIC_KEY_AND_PASSWORD"
    )
    error_message = "The server does not ask the function."
  }
}

run "activity_is_logged_as_json" {
  command = plan

  variables {
    log_retention_days = 90
    kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition     = aws_transfer_server.this.structured_log_destinations == toset(["arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/transfer/example:*"])
    error_message = "The server logs nothing, or without structure."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.this.name == "/aws/vendedlogs/transfer/example" &&
      aws_cloudwatch_log_group.this.retention_in_days == 90 &&
      aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn
    )
    error_message = "Name, retention or key of the log group are not those given."
  }
}

run "clients_that_set_file_times_do_not_see_errors" {
  command = plan

  assert {
    condition     = aws_transfer_server.this.protocol_details[0].set_stat_option == "ENABLE_NO_OP"
    error_message = "WinSCP and others would report a failure after every good upload."
  }

  assert {
    condition     = aws_transfer_server.this.s3_storage_options[0].directory_listing_optimization == "ENABLED"
    error_message = "Listing large directories is slow."
  }
}

run "server_can_live_in_a_vpc_with_fixed_addresses" {
  command = plan

  variables {
    vpc_endpoint = {
      vpc_id                 = "vpc-1"
      subnet_ids             = ["subnet-1"]
      security_group_ids     = ["sg-1"]
      address_allocation_ids = ["eipalloc-1"]
    }
  }

  assert {
    condition = (
      aws_transfer_server.this.endpoint_type == "VPC" &&
      aws_transfer_server.this.endpoint_details[0].vpc_id == "vpc-1" &&
      aws_transfer_server.this.endpoint_details[0].subnet_ids == toset(["subnet-1"]) &&
      aws_transfer_server.this.endpoint_details[0].security_group_ids == toset(["sg-1"]) &&
      aws_transfer_server.this.endpoint_details[0].address_allocation_ids == toset(["eipalloc-1"])
    )
    error_message = "The endpoint is not the one given."
  }
}

run "outputs_name_the_server" {
  command = plan

  assert {
    condition = (
      output.server_id == "s-0123456789abcdef0" &&
      output.server_arn == "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0" &&
      output.endpoint == "s-0123456789abcdef0.server.transfer.us-east-1.amazonaws.com" &&
      output.log_group_name == "/aws/vendedlogs/transfer/example"
    )
    error_message = "An output does not name the server or its log group."
  }
}
