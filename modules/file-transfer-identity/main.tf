# The function that an SFTP server asks who may log in. Users stand in the workflow definitions of the core's table.
locals {
  function_name = "${var.name}-identity-provider"

  # Argon2 takes 64 MiB, and its time from the memory's share of a processor.
  memory_size = max(var.lambda.memory_size, 512)

  # Labels are sorted, so a map in another order is no change.
  homes = [for key in sort(keys(var.homes)) : var.homes[key]]

  kms_statements = var.kms_key_arn == null ? [] : [
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] },
  ]

  environment = {
    LOG_LEVEL                    = "INFO"
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/FileTransfer"
    POWERTOOLS_SERVICE_NAME      = local.function_name
    SFTP_HOMES                   = jsonencode(local.homes)
    SFTP_USER_ROLE_ARN           = local.user_role_arn
    SOURCE_BUCKET                = var.file_transfer.landing_bucket.name
    WORKFLOW_TABLE               = var.file_transfer.table_names["WorkflowDefinition"]
  }

  function_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "FindUser", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [var.file_transfer.index_arns["WorkflowDefinition"]["SftpUserIndex"]] },
    ], local.kms_statements)
  })
}

resource "aws_lambda_layer_version" "content" {
  layer_name               = "${local.function_name}-dependencies"
  description              = "Argon2, beside what all handlers need."
  filename                 = var.content_layer.filename
  s3_bucket                = var.content_layer.s3_bucket
  s3_key                   = var.content_layer.s3_key
  s3_object_version        = var.content_layer.s3_object_version
  source_code_hash         = var.content_layer.source_code_hash
  compatible_runtimes      = [var.lambda.runtime]
  compatible_architectures = [var.lambda.architecture]
}

module "function" {
  source = "../lambda-function"

  name                     = local.function_name
  description              = "Answers an SFTP server who may log in, from where, and into which folder."
  handler                  = "file_transfer.identity_provider.handler"
  package                  = var.package
  layers                   = [var.file_transfer.layer_arn, aws_lambda_layer_version.content.arn]
  platform                 = { runtime = var.lambda.runtime, architecture = var.lambda.architecture }
  memory_size              = local.memory_size
  timeout                  = 10
  tracing                  = var.tracing
  policy                   = local.function_policy
  environment              = local.environment
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}

resource "aws_lambda_permission" "server" {
  statement_id  = "sftp-server"
  action        = "lambda:InvokeFunction"
  function_name = module.function.name
  principal     = "transfer.amazonaws.com"
  source_arn    = var.server_arn
}
