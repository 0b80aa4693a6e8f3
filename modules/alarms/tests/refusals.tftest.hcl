mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example"
}

run "refuses_a_name_that_is_a_pattern" {
  command = plan

  variables {
    name = "example-*"
  }

  expect_failures = [var.name]
}

run "refuses_an_alarm_name_cloudwatch_refuses" {
  command = plan

  variables {
    alarms = { "${join("", [for i in range(255) : "x"])}" = { description = "x", namespace = "AWS/SQS", metric_name = "NumberOfMessagesSent", threshold = 1 } }
  }

  expect_failures = [var.alarms]
}

run "refuses_an_unknown_statistic" {
  command = plan

  variables {
    alarms = { sent = { description = "x", namespace = "AWS/SQS", metric_name = "NumberOfMessagesSent", threshold = 1, statistic = "Median" } }
  }

  expect_failures = [var.alarms]
}

run "refuses_a_period_that_is_no_whole_minute" {
  command = plan

  variables {
    alarms = { sent = { description = "x", namespace = "AWS/SQS", metric_name = "NumberOfMessagesSent", threshold = 1, period = 90 } }
  }

  expect_failures = [var.alarms]
}

run "refuses_more_datapoints_than_periods" {
  command = plan

  variables {
    alarms = { sent = { description = "x", namespace = "AWS/SQS", metric_name = "NumberOfMessagesSent", threshold = 1, evaluation_periods = 2, datapoints_to_alarm = 3 } }
  }

  expect_failures = [var.alarms]
}

run "refuses_an_unknown_comparison" {
  command = plan

  variables {
    alarms = { sent = { description = "x", namespace = "AWS/SQS", metric_name = "NumberOfMessagesSent", threshold = 1, comparison_operator = ">" } }
  }

  expect_failures = [var.alarms]
}

run "refuses_an_unknown_treatment_of_silence" {
  command = plan

  variables {
    alarms = { sent = { description = "x", namespace = "AWS/SQS", metric_name = "NumberOfMessagesSent", threshold = 1, treat_missing_data = "alarm" } }
  }

  expect_failures = [var.alarms]
}
