mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = aws_sqs_queue.dead_letter
  override_during = plan
  values          = { arn = "arn:aws:sqs:us-east-1:111122223333:example-dlq" }
}

variables {
  name = "example"
  rules = {
    created = { description = "Objects created", event_pattern = "{\"source\": [\"aws.s3\"]}" }
  }
}

run "both_queues_admit_the_rules_and_no_plain_http" {
  command = plan

  assert {
    condition = jsondecode(aws_sqs_queue.this.policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "DenyPlainHttp"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = "arn:aws:sqs:us-east-1:111122223333:example"
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
        {
          Sid       = "RulesSend"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = "arn:aws:sqs:us-east-1:111122223333:example"
          Condition = { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:us-east-1:111122223333:rule/example-created"] } }
        },
      ]
    }
    error_message = "The queue admits more or less than the module's rules over TLS."
  }

  assert {
    condition = jsondecode(aws_sqs_queue.dead_letter.policy) == jsondecode(replace(
      aws_sqs_queue.this.policy, ":111122223333:example\"", ":111122223333:example-dlq\""
    ))
    error_message = "The dead-letter queue does not admit the events that cannot be delivered."
  }
}

run "without_rules_no_service_may_send" {
  command = plan

  variables {
    rules = {}
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.policy).Statement[*].Sid == ["DenyPlainHttp"]
    error_message = "A queue without rules admits a service."
  }
}

run "events_arrive_as_they_are_or_in_the_dead_letter_queue" {
  command = plan

  assert {
    condition = (
      length(aws_cloudwatch_event_target.queue["created"].input_transformer) == 0 &&
      aws_cloudwatch_event_target.queue["created"].input == null &&
      aws_cloudwatch_event_target.queue["created"].input_path == null
    )
    error_message = "The event is rewritten on its way."
  }

  assert {
    condition = (
      aws_cloudwatch_event_target.queue["created"].arn == "arn:aws:sqs:us-east-1:111122223333:some-queue" &&
      aws_cloudwatch_event_target.queue["created"].dead_letter_config[0].arn == "arn:aws:sqs:us-east-1:111122223333:example-dlq"
    )
    error_message = "Events do not go to the queue, or are lost when they cannot be delivered."
  }
}

run "rules_carry_their_key_pattern_and_bus" {
  command = plan

  variables {
    event_bus_name = "partners"
    tags           = { team = "ops" }
    rules = {
      created  = { description = "Objects created", event_pattern = "{\"source\": [\"aws.s3\"]}" }
      uploaded = { description = "Uploads", event_pattern = "{\"source\": [\"aws.transfer\"]}", enabled = false }
    }
  }

  assert {
    condition     = output.rule_names == { created = "example-created", uploaded = "example-uploaded" }
    error_message = "The rules are not named after the queue and their key."
  }

  assert {
    condition = (
      aws_cloudwatch_event_rule.this["created"].event_pattern == "{\"source\": [\"aws.s3\"]}" &&
      aws_cloudwatch_event_rule.this["created"].description == "Objects created" &&
      aws_cloudwatch_event_rule.this["created"].state == "ENABLED" &&
      aws_cloudwatch_event_rule.this["uploaded"].state == "DISABLED"
    )
    error_message = "A rule's pattern or state is not the one given."
  }

  assert {
    condition = (
      aws_cloudwatch_event_rule.this["created"].event_bus_name == "partners" &&
      aws_cloudwatch_event_target.queue["created"].event_bus_name == "partners"
    )
    error_message = "Rule and target are not on the same bus."
  }

  assert {
    condition = alltrue([
      for tags in [aws_cloudwatch_event_rule.this["created"].tags, aws_sqs_queue.this.tags, aws_sqs_queue.dead_letter.tags] :
      tags == tomap({ team = "ops" })
    ])
    error_message = "A resource lacks the tags."
  }

  assert {
    condition     = keys(output.rule_arns) == ["created", "uploaded"]
    error_message = "The ARNs are not keyed like the rules."
  }
}
