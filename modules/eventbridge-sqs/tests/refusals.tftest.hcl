mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example"
}

run "refuses_a_name_whose_dead_letter_queue_would_be_too_long" {
  command = plan

  variables {
    name = join("", [for i in range(77) : "x"])
  }

  expect_failures = [var.name]
}

run "refuses_a_rule_name_eventbridge_refuses" {
  command = plan

  variables {
    rules = { "objects created" = { description = "x", event_pattern = "{}" } }
  }

  expect_failures = [var.rules]
}

run "refuses_an_event_pattern_that_is_no_json_object" {
  command = plan

  variables {
    rules = { created = { description = "x", event_pattern = "source = aws.s3" } }
  }

  expect_failures = [var.rules]
}

run "refuses_a_visibility_timeout_above_twelve_hours" {
  command = plan

  variables {
    queue = { visibility_timeout_seconds = 43201 }
  }

  expect_failures = [var.queue]
}

run "refuses_to_give_up_before_the_first_delivery" {
  command = plan

  variables {
    queue = { max_receive_count = 0 }
  }

  expect_failures = [var.queue]
}

run "refuses_a_retention_below_a_minute" {
  command = plan

  variables {
    queue = { message_retention_seconds = 59 }
  }

  expect_failures = [var.queue]
}

run "refuses_dead_letters_that_expire_before_their_queue_s_messages" {
  command = plan

  variables {
    queue = { message_retention_seconds = 1209600, dead_letter_retention_seconds = 345600 }
  }

  expect_failures = [var.queue]
}

run "refuses_to_wait_longer_for_messages_than_sqs_does" {
  command = plan

  variables {
    queue = { receive_wait_time_seconds = 21 }
  }

  expect_failures = [var.queue]
}
