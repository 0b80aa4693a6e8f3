locals {
  pipe_count = var.pipe == null ? 0 : 1
  pipe_name  = "${var.name}-pipe"
  pipe_arn   = "arn:${data.aws_partition.current.partition}:pipes:${local.region}:${local.account_id}:pipe/${local.pipe_name}"

  pipe_statements = var.pipe == null ? [] : concat(
    [
      {
        Sid      = "ReceiveRecords"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = [var.pipe.source_queue_arn]
      },
      {
        Sid      = "RunMachine"
        Effect   = "Allow"
        Action   = ["states:StartSyncExecution"]
        Resource = [aws_sfn_state_machine.this.arn]
      },
    ],
    var.pipe.source_kms_key_arn == null ? [] : [{
      Sid      = "DecryptRecords"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.pipe.source_kms_key_arn]
    }],
  )
}

resource "aws_cloudwatch_log_group" "pipe" {
  count = local.pipe_count

  name              = "/aws/vendedlogs/pipes/${local.pipe_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_iam_role" "pipe" {
  count = local.pipe_count

  name                 = local.pipe_name
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "pipes.amazonaws.com" }
      Condition = {
        ArnLike      = { "aws:SourceArn" = local.pipe_arn }
        StringEquals = { "aws:SourceAccount" = local.account_id }
      }
    }]
  })
}

resource "aws_iam_role_policy" "pipe" {
  count = local.pipe_count

  name = "pipe"
  role = aws_iam_role.pipe[0].name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.pipe_statements
  })
}

resource "aws_pipes_pipe" "this" {
  count = local.pipe_count

  name          = local.pipe_name
  role_arn      = aws_iam_role.pipe[0].arn
  desired_state = var.pipe.enabled ? "RUNNING" : "STOPPED"

  source = var.pipe.source_queue_arn
  target = aws_sfn_state_machine.this.arn

  source_parameters {
    sqs_queue_parameters {
      # No batching window: a lone record would wait for it to end.
      batch_size = var.pipe.batch_size
    }
  }

  target_parameters {
    step_function_state_machine_parameters {
      # Only a synchronous run can answer with batchItemFailures.
      invocation_type = "REQUEST_RESPONSE"
    }
  }

  log_configuration {
    level = "ERROR"

    cloudwatch_logs_log_destination {
      log_group_arn = aws_cloudwatch_log_group.pipe[0].arn
    }
  }

  tags = var.tags

  # The pipe starts receiving as soon as it exists.
  depends_on = [aws_iam_role_policy.pipe]
}
