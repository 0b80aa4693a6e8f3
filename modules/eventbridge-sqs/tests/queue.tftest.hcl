mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example"
}

override_resource {
  target          = aws_sqs_queue.dead_letter
  override_during = plan
  values = {
    arn = "arn:aws:sqs:us-east-1:111122223333:example-dlq"
    url = "https://sqs.us-east-1.amazonaws.com/111122223333/example-dlq"
  }
}

run "messages_are_given_up_only_after_several_deliveries" {
  command = plan

  assert {
    condition = jsondecode(aws_sqs_queue.this.redrive_policy) == {
      deadLetterTargetArn = "arn:aws:sqs:us-east-1:111122223333:example-dlq"
      maxReceiveCount     = 6
    }
    error_message = "Poison messages do not end in the dead-letter queue, or good ones do too soon."
  }

  assert {
    condition     = aws_sqs_queue.this.visibility_timeout_seconds == 360
    error_message = "A message would be delivered again while an Express machine may still work on it."
  }

  assert {
    condition     = aws_sqs_queue.this.message_retention_seconds == 1209600 && aws_sqs_queue.dead_letter.message_retention_seconds == 1209600
    error_message = "Messages are lost before the 14 days SQS can keep them."
  }

  assert {
    condition     = aws_sqs_queue.this.receive_wait_time_seconds == 20
    error_message = "Consumers would poll an empty queue without waiting."
  }
}

run "only_this_queue_may_use_the_dead_letter_queue" {
  command = plan

  assert {
    condition = jsondecode(aws_sqs_queue.dead_letter.redrive_allow_policy) == {
      redrivePermission = "byQueue"
      sourceQueueArns   = ["arn:aws:sqs:us-east-1:111122223333:example"]
    }
    error_message = "Another queue could send its dead letters here."
  }
}

run "queues_are_encrypted_by_sqs" {
  command = plan

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.this, aws_sqs_queue.dead_letter] :
      queue.sqs_managed_sse_enabled == true && queue.kms_master_key_id == null
    ])
    error_message = "A queue is not encrypted, or with a key nobody gave."
  }
}

run "queues_are_encrypted_with_the_given_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.this, aws_sqs_queue.dead_letter] : queue.kms_master_key_id == var.kms_key_arn
    ])
    error_message = "A queue does not use the key."
  }
}

run "settings_reach_the_queues" {
  command = plan

  variables {
    queue = {
      visibility_timeout_seconds    = 10
      max_receive_count             = 8
      message_retention_seconds     = 3600
      dead_letter_retention_seconds = 7200
      receive_wait_time_seconds     = 5
    }
  }

  assert {
    condition = (
      aws_sqs_queue.this.visibility_timeout_seconds == 10 &&
      jsondecode(aws_sqs_queue.this.redrive_policy).maxReceiveCount == 8 &&
      aws_sqs_queue.this.message_retention_seconds == 3600 &&
      aws_sqs_queue.dead_letter.message_retention_seconds == 7200 &&
      aws_sqs_queue.this.receive_wait_time_seconds == 5 &&
      aws_sqs_queue.dead_letter.receive_wait_time_seconds == 5
    )
    error_message = "A setting does not reach its queue."
  }
}

run "outputs_name_both_queues" {
  command = plan

  assert {
    condition = (
      output.queue_name == "example" &&
      output.queue_arn == "arn:aws:sqs:us-east-1:111122223333:some-queue" &&
      output.queue_url == "https://sqs.us-east-1.amazonaws.com/111122223333/some-queue" &&
      output.dead_letter_queue_name == "example-dlq" &&
      output.dead_letter_queue_arn == "arn:aws:sqs:us-east-1:111122223333:example-dlq" &&
      output.dead_letter_queue_url == "https://sqs.us-east-1.amazonaws.com/111122223333/example-dlq"
    )
    error_message = "An output does not name its queue."
  }
}
