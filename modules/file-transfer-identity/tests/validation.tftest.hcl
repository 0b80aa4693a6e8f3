mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name          = "file-transfer"
  package       = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  content_layer = { s3_bucket = "artifacts", s3_key = "layer-content.zip" }
  server_arn    = "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0"
  homes         = { landing = { bucket = "landing-zone", prefix = "from-sftp/" } }

  file_transfer = {
    landing_bucket = { name = "landing-zone" }
    table_names    = { WorkflowDefinition = "WorkflowDefinition" }
    index_arns     = { WorkflowDefinition = { SftpUserIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition/index/SftpUserIndex" } }
    layer_arn      = "arn:aws:lambda:us-east-1:111122223333:layer:common:1"
  }
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "FileTransfer"
  }

  expect_failures = [var.name]
}

run "a_server_that_is_none" {
  command = plan

  variables {
    server_arn = "s-0123456789abcdef0"
  }

  expect_failures = [var.server_arn]
}

run "no_place_for_homes" {
  command = plan

  variables {
    homes = {}
  }

  expect_failures = [var.homes]
}

run "a_place_without_its_slash" {
  command = plan

  variables {
    homes = { landing = { bucket = "landing-zone", prefix = "from-sftp" } }
  }

  expect_failures = [var.homes]
}

run "a_package_that_is_nowhere" {
  command = plan

  variables {
    package = {}
  }

  expect_failures = [var.package]
}

run "a_package_without_its_hash" {
  command = plan

  variables {
    package = { filename = "file_transfer.zip" }
  }

  expect_failures = [var.package]
}

run "a_layer_in_two_places" {
  command = plan

  variables {
    content_layer = { filename = "layer.zip", s3_bucket = "artifacts", s3_key = "layer.zip" }
  }

  expect_failures = [var.content_layer]
}

run "a_retention_cloudwatch_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}
