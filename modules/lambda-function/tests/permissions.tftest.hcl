mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name    = "example"
  handler = "example.handler"
  package = { s3_bucket = "artifacts", s3_key = "example-abc.zip" }
}

run "role_may_write_its_own_logs_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid      = "WriteOwnLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/example:*"]
      }]
    }
    error_message = "The role of a plain function may do more or less than write its logs."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == { Service = "lambda.amazonaws.com" }
    error_message = "Someone other than Lambda may assume the role."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == null
    error_message = "A boundary was set that nobody asked for."
  }
}

run "caller_s_policy_is_added_as_it_is" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = {
        Effect   = "Allow"
        Action   = "dynamodb:GetItem"
        Resource = "arn:aws:dynamodb:us-east-1:111122223333:table/t"
      }
    })
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement[1] == {
      Effect   = "Allow"
      Action   = "dynamodb:GetItem"
      Resource = "arn:aws:dynamodb:us-east-1:111122223333:table/t"
    }
    error_message = "The caller's statement did not arrive unchanged."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    error_message = "The boundary does not reach the role."
  }
}

run "sources_queues_and_keys_get_exactly_what_their_use_needs" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/own"
    environment = { LOG_LEVEL = "INFO" }
    tracing     = true
    dead_letter = {
      queue_arn   = "arn:aws:sqs:us-east-1:111122223333:async-dlq"
      kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/queue"
    }
    stream_sources = {
      status = {
        stream_arn                = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000"
        stream_kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/table"
        failure_queue_arn         = "arn:aws:sqs:us-east-1:111122223333:stream-dlq"
        failure_queue_kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/queue"
      }
    }
  }

  assert {
    condition = slice(jsondecode(aws_iam_role_policy.this.policy).Statement, 1, 7) == [
      {
        Sid      = "ReadStreams"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000"]
      },
      {
        Sid      = "ListStreams"
        Effect   = "Allow"
        Action   = ["dynamodb:ListStreams"]
        Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/*"]
      },
      {
        Sid      = "SendFailures"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = ["arn:aws:sqs:us-east-1:111122223333:stream-dlq", "arn:aws:sqs:us-east-1:111122223333:async-dlq"]
      },
      {
        Sid      = "DecryptSources"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = ["arn:aws:kms:us-east-1:111122223333:key/own", "arn:aws:kms:us-east-1:111122223333:key/table"]
      },
      {
        Sid      = "EncryptFailures"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = ["arn:aws:kms:us-east-1:111122223333:key/queue"]
      },
      {
        Sid      = "SendTraces"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = ["*"]
      },
    ]
    error_message = "The role's own statements are not exactly those of its sources, queues, keys and traces."
  }

  assert {
    condition     = aws_lambda_function.this.dead_letter_config[0].target_arn == "arn:aws:sqs:us-east-1:111122223333:async-dlq"
    error_message = "The dead-letter queue does not reach the function."
  }
}
