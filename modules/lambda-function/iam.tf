locals {
  stream_arns = distinct([for source in values(var.stream_sources) : source.stream_arn])
  failure_queue_arns = [
    for source in values(var.stream_sources) : source.failure_queue_arn if source.failure_queue_arn != null
  ]
  queue_arns = distinct(compact(concat(local.failure_queue_arns, [try(var.dead_letter.queue_arn, null)])))

  # Encrypting with a key and reading what it encrypted are different actions; each key gets what its use needs.
  decrypting_key_arns = distinct(compact(concat(
    [length(var.environment) > 0 ? var.kms_key_arn : null],
    [for source in values(var.stream_sources) : source.stream_kms_key_arn],
    [for source in values(var.queue_sources) : source.queue_kms_key_arn],
  )))
  queue_key_arns = distinct(compact(concat(
    [for source in values(var.stream_sources) : source.failure_queue_kms_key_arn],
    [try(var.dead_letter.kms_key_arn, null)],
  )))

  own_statements = concat(
    [{
      Sid      = "WriteOwnLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
    }],
    length(var.stream_sources) == 0 ? [] : [
      {
        Sid      = "ReadStreams"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        Resource = local.stream_arns
      },
      {
        # Lambda asks for it when a mapping is made. A list cannot be narrowed further than to the table.
        Sid      = "ListStreams"
        Effect   = "Allow"
        Action   = ["dynamodb:ListStreams"]
        Resource = distinct([for arn in local.stream_arns : "${split("/stream/", arn)[0]}/stream/*"])
      },
    ],
    length(var.queue_sources) == 0 ? [] : [{
      Sid      = "ReceiveMessages"
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      Resource = distinct([for source in values(var.queue_sources) : source.queue_arn])
    }],
    length(local.queue_arns) == 0 ? [] : [{
      Sid      = "SendFailures"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = local.queue_arns
    }],
    length(local.decrypting_key_arns) == 0 ? [] : [{
      Sid      = "DecryptSources"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = local.decrypting_key_arns
    }],
    length(local.queue_key_arns) == 0 ? [] : [{
      Sid      = "EncryptFailures"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = local.queue_key_arns
    }],
    # X-Ray has no resources to name.
    var.tracing ? [{
      Sid      = "SendTraces"
      Effect   = "Allow"
      Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource = ["*"]
    }] : [],
  )
}

locals {
  # One policy for both parts: whether the caller's exists may be unknown at plan time, where a count would fail.
  role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.own_statements, flatten([try(jsondecode(var.policy).Statement, [])]))
  })
}

resource "aws_iam_role" "this" {
  name                 = var.name
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  # Lambda assumes a function's role without a source ARN or account, so the trust cannot be narrowed by them.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "function"
  role = aws_iam_role.this.name

  policy = local.role_policy

  lifecycle {
    precondition {
      condition     = length(local.role_policy) <= 10240
      error_message = "policy: with the module's own statements it has ${length(local.role_policy)} characters, and IAM takes 10240 of inline policy a role: name fewer resources."
    }
  }
}
