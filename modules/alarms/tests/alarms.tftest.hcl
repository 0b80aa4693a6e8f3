mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name          = "example"
  tags          = { team = "ops" }
  alarm_actions = ["arn:aws:sns:us-east-1:111122223333:on-call"]
  ok_actions    = ["arn:aws:sns:us-east-1:111122223333:all-clear"]
  alarms = {
    depth = {
      description = "Messages were given up: read and redrive example-dlq."
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = "example-dlq" }
      statistic   = "Maximum"
      threshold   = 0
    }
    slow = {
      description         = "Copies are slow."
      namespace           = "AWS/Lambda"
      metric_name         = "Duration"
      statistic           = "p99.9"
      period              = 300
      evaluation_periods  = 3
      datapoints_to_alarm = 2
      threshold           = 1000
      comparison_operator = "GreaterThanOrEqualToThreshold"
      treat_missing_data  = "ignore"
    }
  }
}

run "alarm_watches_its_metric_and_tells_the_actions" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["depth"].namespace == "AWS/SQS" &&
      aws_cloudwatch_metric_alarm.this["depth"].metric_name == "ApproximateNumberOfMessagesVisible" &&
      aws_cloudwatch_metric_alarm.this["depth"].dimensions == tomap({ QueueName = "example-dlq" }) &&
      aws_cloudwatch_metric_alarm.this["depth"].statistic == "Maximum" &&
      aws_cloudwatch_metric_alarm.this["depth"].threshold == 0
    )
    error_message = "The alarm watches another metric than the one given."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["depth"].alarm_actions == toset(var.alarm_actions) &&
      aws_cloudwatch_metric_alarm.this["depth"].ok_actions == toset(var.ok_actions)
    )
    error_message = "Nobody is told."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["depth"].alarm_description == "Messages were given up: read and redrive example-dlq."
    error_message = "Who is woken up does not learn what to do."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["depth"].tags == tomap({ team = "ops" })
    error_message = "The alarm lacks the tags."
  }
}

run "one_bad_minute_is_an_alarm_and_silence_is_none" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["depth"].period == 60 &&
      aws_cloudwatch_metric_alarm.this["depth"].evaluation_periods == 1 &&
      aws_cloudwatch_metric_alarm.this["depth"].comparison_operator == "GreaterThanThreshold" &&
      aws_cloudwatch_metric_alarm.this["depth"].treat_missing_data == "notBreaching"
    )
    error_message = "The defaults changed."
  }
}

run "percentiles_and_all_settings_reach_the_alarm" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["slow"].extended_statistic == "p99.9" &&
      aws_cloudwatch_metric_alarm.this["slow"].statistic == null &&
      aws_cloudwatch_metric_alarm.this["slow"].period == 300 &&
      aws_cloudwatch_metric_alarm.this["slow"].evaluation_periods == 3 &&
      aws_cloudwatch_metric_alarm.this["slow"].datapoints_to_alarm == 2 &&
      aws_cloudwatch_metric_alarm.this["slow"].comparison_operator == "GreaterThanOrEqualToThreshold" &&
      aws_cloudwatch_metric_alarm.this["slow"].treat_missing_data == "ignore"
    )
    error_message = "A setting does not reach the alarm."
  }
}

run "outputs_are_keyed_like_the_alarms" {
  command = plan

  assert {
    condition     = output.names == { depth = "example-depth", slow = "example-slow" } && keys(output.arns) == ["depth", "slow"]
    error_message = "Names or ARNs are not keyed by alarm."
  }
}
