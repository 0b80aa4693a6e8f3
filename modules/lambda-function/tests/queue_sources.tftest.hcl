mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name    = "example"
  handler = "example.handler"
  package = { s3_bucket = "artifacts", s3_key = "example-abc.zip" }

  queue_sources = {
    wake = { queue_arn = "arn:aws:sqs:us-east-1:111122223333:wake" }
  }
}

run "one_failed_message_does_not_bring_back_its_batch" {
  command = plan

  assert {
    condition = (
      aws_lambda_event_source_mapping.queue["wake"].event_source_arn == "arn:aws:sqs:us-east-1:111122223333:wake" &&
      aws_lambda_event_source_mapping.queue["wake"].function_response_types == toset(["ReportBatchItemFailures"])
    )
    error_message = "A message that fails would be retried with all that came beside it."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.queue["wake"].batch_size == 10 &&
      aws_lambda_event_source_mapping.queue["wake"].maximum_batching_window_in_seconds == 0 &&
      length(aws_lambda_event_source_mapping.queue["wake"].scaling_config) == 0
    )
    error_message = "A lone message would wait, or concurrency is bounded unasked."
  }
}

run "role_may_receive_from_the_queue_and_nothing_else" {
  command = plan

  assert {
    condition = slice(jsondecode(aws_iam_role_policy.this.policy).Statement, 1, 2) == [{
      Sid      = "ReceiveMessages"
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      Resource = ["arn:aws:sqs:us-east-1:111122223333:wake"]
    }]
    error_message = "The role may do more or less with the queue than Lambda needs."
  }

  assert {
    condition     = length(jsondecode(aws_iam_role_policy.this.policy).Statement) == 2
    error_message = "A queue alone needs nothing besides."
  }
}

run "role_may_decrypt_messages_of_an_encrypted_queue" {
  command = plan

  variables {
    queue_sources = {
      wake = { queue_arn = "arn:aws:sqs:us-east-1:111122223333:wake", queue_kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1" }
    }
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement[2] == {
      Sid      = "DecryptSources"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = ["arn:aws:kms:us-east-1:111122223333:key/1"]
    }
    error_message = "Messages of an encrypted queue cannot be read."
  }
}

run "settings_reach_the_mapping_of_a_queue" {
  command = plan

  variables {
    queue_sources = {
      wake = {
        queue_arn                          = "arn:aws:sqs:us-east-1:111122223333:wake"
        batch_size                         = 100
        maximum_batching_window_in_seconds = 1
        maximum_concurrency                = 2
      }
    }
    tags = { team = "ops" }
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.queue["wake"].batch_size == 100 &&
      aws_lambda_event_source_mapping.queue["wake"].maximum_batching_window_in_seconds == 1 &&
      aws_lambda_event_source_mapping.queue["wake"].scaling_config[0].maximum_concurrency == 2 &&
      aws_lambda_event_source_mapping.queue["wake"].tags == tomap({ team = "ops" })
    )
    error_message = "A setting does not reach the mapping."
  }
}
