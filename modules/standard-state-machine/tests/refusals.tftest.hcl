mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name       = "example"
  definition = "{\"StartAt\": \"Done\", \"States\": {\"Done\": {\"Type\": \"Succeed\"}}}"
}

run "refuses_a_name_that_is_too_long_for_its_role" {
  command = plan

  variables {
    name = join("", [for i in range(65) : "x"])
  }

  expect_failures = [var.name]
}

run "refuses_a_definition_that_is_no_state_machine" {
  command = plan

  variables {
    definition = "{\"StartAt\": \"Done\", \"States\": "
  }

  expect_failures = [aws_sfn_state_machine.this]
}

run "refuses_a_policy_that_is_no_document" {
  command = plan

  variables {
    policy = "s3:GetObject"
  }

  expect_failures = [var.policy]
}

run "refuses_to_log_nothing" {
  command = plan

  variables {
    logging = { level = "OFF" }
  }

  expect_failures = [var.logging]
}

run "refuses_a_retention_cloudwatch_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}
