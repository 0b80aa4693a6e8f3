mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name                = "example"
  schedule_expression = "cron(0 8 * * ? *)"
  function_arn        = "arn:aws:lambda:us-east-1:111122223333:function:finder"
  function_name       = "finder"
}

run "refuses_a_name_with_blanks" {
  command = plan

  variables {
    name = "every minute"
  }

  expect_failures = [var.name]
}

run "refuses_a_description_eventbridge_would_cut" {
  command = plan

  variables {
    description = join("", [for i in range(513) : "x"])
  }

  expect_failures = [var.description]
}

run "refuses_a_plural_of_one" {
  command = plan

  variables {
    schedule_expression = "rate(1 minutes)"
  }

  expect_failures = [var.schedule_expression]
}

run "refuses_an_input_that_is_no_json" {
  command = plan

  variables {
    input = "tick"
  }

  expect_failures = [var.input]
}

run "refuses_to_hand_over_for_less_than_a_minute" {
  command = plan

  variables {
    retries = { maximum_event_age_in_seconds = 30 }
  }

  expect_failures = [var.retries]
}

run "refuses_more_attempts_than_eventbridge_makes" {
  command = plan

  variables {
    retries = { maximum_retry_attempts = 186 }
  }

  expect_failures = [var.retries]
}
