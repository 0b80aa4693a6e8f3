# The function that looks into files, or changes them, between arrival and delivery; and the bucket where it puts what it made.
locals {
  function_name = "${var.name}-prepare-file"

  # OpenPGP and parts of 8 MiB need room, and time from the memory's share of a processor.
  memory_size = max(var.lambda.memory_size, 1024)

  # What arrives and what comes out of it lie side by side; the rest is for the runtime's own files.
  max_file_bytes = floor((var.preparation.ephemeral_storage_mb - 64) / 2) * 1048576

  # Labels are sorted, so a map in another order is no change.
  secret_arns = [for key in sort(keys(var.secret_arns)) : var.secret_arns[key]]

  lifecycle_rules = var.work_bucket.keep_days == 0 ? null : {
    abort_multipart_days = 1
    expiration_days      = var.work_bucket.keep_days
    noncurrent_days      = 1
  }

  environment = {
    CONTROL_TABLE                = var.file_transfer.table_names["FileTransferControl"]
    LOG_LEVEL                    = "INFO"
    MAX_FILE_BYTES               = tostring(local.max_file_bytes)
    POWERTOOLS_METRICS_NAMESPACE = "Towpath/FileTransfer"
    POWERTOOLS_SERVICE_NAME      = local.function_name
    QUEUE_URL                    = var.file_transfer.queue.url
    RELEASE_DELAY_SECONDS        = tostring(var.preparation.release_delay_seconds)
    WORKFLOW_TABLE               = var.file_transfer.table_names["WorkflowDefinition"]
    WORK_BUCKET                  = module.work_bucket.name
  }

  function_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ReadArrival", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = ["${var.file_transfer.landing_bucket.arn}/*"] },
      { Sid = "KeepContent", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], Resource = ["${module.work_bucket.arn}/*"] },
      # Turns the 403 of a HEAD on an object that is not there into an honest 404.
      { Sid = "TellMissingFromDenied", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [module.work_bucket.arn] },
      { Sid = "ReadWorkflow", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = [var.file_transfer.table_arns["WorkflowDefinition"]] },
      {
        Sid       = "UseGroups"
        Effect    = "Allow"
        Action    = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        Resource  = [var.file_transfer.table_arns["FileTransferControl"]]
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["GROUP#*"] } }
      },
      { Sid = "SendMembersAndReleases", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [var.file_transfer.queue.arn] },
      ],
      length(local.secret_arns) == 0 ? [] : [
        { Sid = "ReadKeys", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = local.secret_arns },
      ],
      var.kms_key_arn == null ? [] : [
        { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
      ],
    )
  })
}

module "work_bucket" {
  source = "../s3-bucket"

  name            = var.work_bucket.name
  force_destroy   = var.work_bucket.force_destroy
  lifecycle_rules = local.lifecycle_rules
  kms_key_arn     = var.kms_key_arn
  tags            = var.tags
}

resource "aws_lambda_layer_version" "content" {
  layer_name               = "${local.function_name}-dependencies"
  description              = "OpenPGP, beside what all handlers need."
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

  name        = local.function_name
  description = "Looks into one file, or changes it, before it is delivered."
  handler     = "file_transfer.prepare_file.handler"
  package     = var.package
  layers      = [var.file_transfer.layer_arn, aws_lambda_layer_version.content.arn]
  platform = {
    runtime              = var.lambda.runtime
    architecture         = var.lambda.architecture
    ephemeral_storage_mb = var.preparation.ephemeral_storage_mb
  }
  memory_size              = local.memory_size
  timeout                  = var.preparation.timeout_seconds
  tracing                  = var.tracing
  policy                   = local.function_policy
  environment              = local.environment
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
}
