mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name    = "file-transfer"
  package = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  file_transfer = {
    landing_bucket  = { name = "landing-zone", arn = "arn:aws:s3:::landing-zone" }
    source_prefixes = ["from-sftp/"]
    table_names     = { WorkflowDefinition = "WorkflowDefinition" }
    table_arns      = { WorkflowDefinition = "arn:aws:dynamodb:us-east-1:123456789012:table/WorkflowDefinition" }
    index_arns      = { WorkflowDefinition = { KindIndex = "arn:aws:dynamodb:us-east-1:123456789012:table/WorkflowDefinition/index/KindIndex" } }
    queue           = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/intake", arn = "arn:aws:sqs:us-east-1:123456789012:intake" }
    connector_queue = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders", arn = "arn:aws:sqs:us-east-1:123456789012:orders" }
    layer_arn       = "arn:aws:lambda:us-east-1:123456789012:layer:layer:1"
  }
  exchange = { bucket_name = "connector-exchange" }
}

run "a_name_that_companions_cannot_take_is_refused" {
  command = plan
  variables {
    name = "File_Transfer"
  }
  expect_failures = [var.name]
}

run "a_package_without_a_place_is_refused" {
  command = plan
  variables {
    package = { s3_key = "file_transfer.zip" }
  }
  expect_failures = [var.package]
}

run "a_file_that_nobody_would_see_change_is_refused" {
  command = plan
  variables {
    package = { filename = "file_transfer.zip" }
  }
  expect_failures = [var.package]
}

run "an_alias_that_is_no_host_is_refused" {
  command = plan
  variables {
    connectors = { "Big Bank" = { url = "sftp://h", trusted_host_keys = ["ssh-rsa AAAA"] } }
  }
  expect_failures = [var.connectors]
}

run "an_address_that_is_not_sftp_is_refused" {
  command = plan
  variables {
    connectors = { bank = { url = "ftp://h/path", trusted_host_keys = ["ssh-rsa AAAA"] } }
  }
  expect_failures = [var.connectors]
}

run "a_server_that_nobody_would_recognise_is_refused" {
  command = plan
  variables {
    connectors = { bank = { url = "sftp://h", trusted_host_keys = [] } }
  }
  expect_failures = [var.connectors]
}

run "more_connectors_than_a_rule_can_name_are_refused" {
  command = plan
  variables {
    connectors = { for number in range(61) : "bank-${number}" => { url = "sftp://h", trusted_host_keys = ["ssh-rsa AAAA"] } }
  }
  expect_failures = [var.connectors]
}

run "files_that_expire_before_their_turn_are_refused" {
  command = plan
  variables {
    exchange = { bucket_name = "connector-exchange", expiration_days = 1 }
  }
  expect_failures = [var.exchange]
}

run "more_pending_files_than_a_connector_takes_are_refused" {
  command = plan
  variables {
    connector_settings = { max_pending = 1001 }
  }
  expect_failures = [var.connector_settings]
}

run "giving_up_before_looking_is_refused" {
  command = plan
  variables {
    connector_settings = { timeout_seconds = 300 }
  }
  expect_failures = [var.connector_settings]
}

run "a_function_that_outlives_its_message_is_refused" {
  command = plan
  variables {
    connector_settings = { function_timeout_seconds = 600, visibility_timeout_seconds = 300 }
  }
  expect_failures = [var.connector_settings]
}

run "a_memory_of_no_days_is_refused" {
  command = plan
  variables {
    connector_settings = { memory_days = 0 }
  }
  expect_failures = [var.connector_settings]
}

run "a_recovery_that_secrets_manager_does_not_offer_is_refused" {
  command = plan
  variables {
    connector_settings = { login_recovery_days = 3 }
  }
  expect_failures = [var.connector_settings]
}

run "a_retention_that_cloudwatch_does_not_offer_is_refused" {
  command = plan
  variables {
    log_retention_days = 42
  }
  expect_failures = [var.log_retention_days]
}
