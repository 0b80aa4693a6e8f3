mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name       = "example"
  definition = "{\"StartAt\": \"Done\", \"States\": {\"Done\": {\"Type\": \"Succeed\"}}}"
  pipe       = { source_queue_arn = "arn:aws:sqs:us-east-1:111122223333:intake" }
}

run "without_a_queue_there_is_no_pipe" {
  command = plan

  variables {
    pipe = null
  }

  assert {
    condition = (
      length(aws_pipes_pipe.this) == 0 && length(aws_iam_role.pipe) == 0 && length(aws_cloudwatch_log_group.pipe) == 0 &&
      output.pipe_arn == null && output.pipe_name == null && output.pipe_role_name == null
    )
    error_message = "Parts of a pipe were made that nobody asked for."
  }
}

run "pipe_waits_for_the_machine_s_answer_and_for_nothing_else" {
  command = plan

  assert {
    condition     = aws_pipes_pipe.this[0].target_parameters[0].step_function_state_machine_parameters[0].invocation_type == "REQUEST_RESPONSE"
    error_message = "The machine's batchItemFailures would be ignored and failed records deleted."
  }

  assert {
    condition     = aws_pipes_pipe.this[0].source_parameters[0].sqs_queue_parameters[0].batch_size == 10
    error_message = "The default batch is not the most SQS hands out at once."
  }

  assert {
    condition     = aws_pipes_pipe.this[0].source_parameters[0].sqs_queue_parameters[0].maximum_batching_window_in_seconds == 0
    error_message = "A lone record would wait for the batching window to end."
  }

  assert {
    condition = (
      aws_pipes_pipe.this[0].source == var.pipe.source_queue_arn &&
      aws_pipes_pipe.this[0].target == "arn:aws:states:us-east-1:111122223333:stateMachine:example" &&
      aws_pipes_pipe.this[0].desired_state == "RUNNING"
    )
    error_message = "The pipe does not lead from the queue to the machine."
  }

  assert {
    condition = (
      aws_pipes_pipe.this[0].log_configuration[0].level == "ERROR" &&
      aws_cloudwatch_log_group.pipe[0].name == "/aws/vendedlogs/pipes/example-pipe"
    )
    error_message = "Failures of the pipe would leave no trace."
  }

  assert {
    condition     = output.pipe_name == "example-pipe" && output.pipe_role_name == "example-pipe" && output.pipe_arn == "arn:aws:pipes:us-east-1:111122223333:pipe/example-pipe"
    error_message = "An output does not name the pipe or its role."
  }
}

run "pipe_s_role_may_receive_and_run_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.pipe[0].policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "ReceiveRecords"
          Effect   = "Allow"
          Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
          Resource = ["arn:aws:sqs:us-east-1:111122223333:intake"]
        },
        {
          Sid      = "RunMachine"
          Effect   = "Allow"
          Action   = ["states:StartSyncExecution"]
          Resource = ["arn:aws:states:us-east-1:111122223333:stateMachine:example"]
        },
      ]
    }
    error_message = "The pipe's role may do more or less than its work."
  }

  assert {
    condition = jsondecode(aws_iam_role.pipe[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "pipes.amazonaws.com" }
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:aws:pipes:us-east-1:111122223333:pipe/example-pipe" }
        StringEquals = { "aws:SourceAccount" = "111122223333" }
      }
    }]
    error_message = "Another pipe or account could use the role."
  }
}

run "pipe_may_decrypt_records_of_an_encrypted_queue" {
  command = plan

  variables {
    pipe = {
      source_queue_arn   = "arn:aws:sqs:us-east-1:111122223333:intake"
      source_kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
      batch_size         = 1
      enabled            = false
    }
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.pipe[0].policy).Statement[2] == {
      Sid      = "DecryptRecords"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = ["arn:aws:kms:us-east-1:111122223333:key/1"]
    }
    error_message = "The pipe cannot read a queue with a customer managed key."
  }

  assert {
    condition     = aws_pipes_pipe.this[0].desired_state == "STOPPED" && aws_pipes_pipe.this[0].source_parameters[0].sqs_queue_parameters[0].batch_size == 1
    error_message = "The pipe's settings do not reach it."
  }

  assert {
    condition     = aws_iam_role.pipe[0].permissions_boundary == var.permissions_boundary_arn
    error_message = "The boundary does not reach the pipe's role."
  }
}
