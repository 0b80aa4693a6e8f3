mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name   = "example"
  bucket = { name = "example-trail" }
}

run "refuses_a_name_cloudtrail_would" {
  command = plan

  variables {
    name = "our trail"
  }

  expect_failures = [var.name]
}

run "refuses_a_stream_for_a_table" {
  command = plan

  variables {
    data_events = { table_arns = { t = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000" } }
  }

  expect_failures = [var.data_events]
}

run "refuses_a_name_for_a_function" {
  command = plan

  variables {
    data_events = { function_arns = { f = "api-handler" } }
  }

  expect_failures = [var.data_events]
}
