resource "aws_cloudwatch_log_group" "this" {
  # Lambda would make the group by itself, but without retention, key and tags.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:Tracing costs about 190 ms of cold start and is the caller's choice (tracing)
  #checkov:skip=CKV_AWS_117:The functions call AWS APIs only; a VPC would add interface endpoints and protect nothing
  #checkov:skip=CKV_AWS_272:The zip's hash is part of the reviewed plan, which is what signing would add
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  runtime       = var.platform.runtime
  architectures = [var.platform.architecture]
  handler       = var.handler
  layers        = var.layers

  filename          = var.package.filename
  source_code_hash  = var.package.source_code_hash
  s3_bucket         = var.package.s3_bucket
  s3_key            = var.package.s3_key
  s3_object_version = var.package.s3_object_version

  memory_size                    = var.memory_size
  timeout                        = var.timeout
  reserved_concurrent_executions = var.reserved_concurrent_executions

  # Lambda forgets a key that has nothing to encrypt, and every later plan would show it again.
  kms_key_arn = length(var.environment) > 0 ? var.kms_key_arn : null

  # 512 MB are there anyway, and free.
  dynamic "ephemeral_storage" {
    for_each = var.platform.ephemeral_storage_mb > 512 ? [var.platform.ephemeral_storage_mb] : []

    content {
      size = ephemeral_storage.value
    }
  }

  dynamic "environment" {
    for_each = length(var.environment) > 0 ? [var.environment] : []

    content {
      variables = environment.value
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this.name
    application_log_level = var.log_levels.application_level
    system_log_level      = var.log_levels.system_level
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "dead_letter_config" {
    for_each = var.dead_letter == null ? [] : [var.dead_letter]

    content {
      target_arn = dead_letter_config.value.queue_arn
    }
  }

  tags = var.tags

  # Lambda checks at creation that the role may use the dead-letter queue and the key.
  depends_on = [aws_iam_role_policy.this]
}
