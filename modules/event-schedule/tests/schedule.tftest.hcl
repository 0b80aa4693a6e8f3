mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name                = "example"
  description         = "Looks after what is still open."
  schedule_expression = "rate(1 minute)"
  function_arn        = "arn:aws:lambda:us-east-1:111122223333:function:finder"
  function_name       = "finder"
}

run "function_is_invoked_on_schedule" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_event_rule.this.name == "example" &&
      aws_cloudwatch_event_rule.this.description == var.description &&
      aws_cloudwatch_event_rule.this.schedule_expression == "rate(1 minute)" &&
      aws_cloudwatch_event_rule.this.state == "ENABLED"
    )
    error_message = "The rule does not tick."
  }

  assert {
    condition = (
      aws_cloudwatch_event_target.function.rule == "example" &&
      aws_cloudwatch_event_target.function.arn == var.function_arn &&
      aws_cloudwatch_event_target.function.input == null
    )
    error_message = "The rule's target is not the function with the event as it is."
  }
}

run "only_this_rule_may_invoke_the_function" {
  command = plan

  assert {
    condition = (
      aws_lambda_permission.rule.principal == "events.amazonaws.com" &&
      aws_lambda_permission.rule.action == "lambda:InvokeFunction" &&
      aws_lambda_permission.rule.function_name == "finder" &&
      aws_lambda_permission.rule.source_arn == "arn:aws:events:us-east-1:111122223333:rule/example"
    )
    error_message = "Other rules, also of other accounts, could invoke the function."
  }
}

run "a_tick_that_cannot_be_handed_over_is_kept_and_not_repeated_for_hours" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_event_target.function.retry_policy[0].maximum_event_age_in_seconds == 60 &&
      aws_cloudwatch_event_target.function.retry_policy[0].maximum_retry_attempts == 2
    )
    error_message = "EventBridge would hand over stale ticks for a day."
  }

  assert {
    condition     = aws_cloudwatch_event_target.function.dead_letter_config[0].arn == "arn:aws:sqs:us-east-1:111122223333:example-dlq"
    error_message = "A tick that was given up leaves no trace."
  }

  assert {
    condition     = aws_sqs_queue.dead_letter.name == "example-dlq" && aws_sqs_queue.dead_letter.message_retention_seconds == 1209600
    error_message = "The dead-letter queue has another name, or forgets too soon."
  }

  assert {
    condition = jsondecode(aws_sqs_queue.dead_letter.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = "arn:aws:sqs:us-east-1:111122223333:example-dlq"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "RuleGivesUp"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:us-east-1:111122223333:example-dlq"
        Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:events:us-east-1:111122223333:rule/example" } }
      },
    ]
    error_message = "EventBridge cannot use the queue, or others can."
  }

  assert {
    condition     = aws_sqs_queue.dead_letter.sqs_managed_sse_enabled == true && aws_sqs_queue.dead_letter.kms_master_key_id == null
    error_message = "The queue is not encrypted by SQS."
  }
}

run "settings_reach_rule_target_and_queue" {
  command = plan

  variables {
    enabled     = false
    input       = jsonencode({ reason = "tick" })
    retries     = { maximum_event_age_in_seconds = 300, maximum_retry_attempts = 0 }
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
    tags        = { team = "ops" }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.this.state == "DISABLED"
    error_message = "A schedule that was stopped still ticks."
  }

  assert {
    condition = (
      jsondecode(aws_cloudwatch_event_target.function.input) == { reason = "tick" } &&
      aws_cloudwatch_event_target.function.retry_policy[0].maximum_event_age_in_seconds == 300 &&
      aws_cloudwatch_event_target.function.retry_policy[0].maximum_retry_attempts == 0
    )
    error_message = "A setting does not reach the target."
  }

  assert {
    condition     = aws_sqs_queue.dead_letter.kms_master_key_id == var.kms_key_arn
    error_message = "The key does not reach the queue."
  }

  assert {
    condition     = alltrue([for tags in [aws_cloudwatch_event_rule.this.tags, aws_sqs_queue.dead_letter.tags] : tags == tomap({ team = "ops" })])
    error_message = "A resource lacks the tags."
  }
}

run "outputs_name_rule_and_queue" {
  command = plan

  assert {
    condition = (
      output.rule_arn == "arn:aws:events:us-east-1:111122223333:rule/example" && output.rule_name == "example" &&
      output.dead_letter_queue_arn == "arn:aws:sqs:us-east-1:111122223333:example-dlq" &&
      output.dead_letter_queue_url == "https://sqs.us-east-1.amazonaws.com/111122223333/example-dlq" &&
      output.dead_letter_queue_name == "example-dlq"
    )
    error_message = "An output does not name the rule or its dead-letter queue."
  }
}
