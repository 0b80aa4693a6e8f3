mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name          = "file-transfer"
  package       = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  content_layer = { s3_bucket = "artifacts", s3_key = "layer-content.zip" }
  work_bucket   = { name = "work" }

  file_transfer = {
    landing_bucket = { arn = "arn:aws:s3:::landing-zone" }
    table_names    = { FileTransferControl = "FileTransferControl", WorkflowDefinition = "WorkflowDefinition" }
    table_arns = {
      FileTransferControl = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferControl"
      WorkflowDefinition  = "arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition"
    }
    queue     = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/file-transfer-queue", arn = "arn:aws:sqs:us-east-1:111122223333:file-transfer-queue" }
    layer_arn = "arn:aws:lambda:us-east-1:111122223333:layer:common:1"
  }
}

run "the_function_reads_arrivals_and_keeps_what_it_makes_of_them" {
  command = plan

  assert {
    condition = jsonencode(jsondecode(local.function_policy).Statement) == jsonencode([
      { Sid = "ReadArrival", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = ["arn:aws:s3:::landing-zone/*"] },
      { Sid = "KeepContent", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], Resource = ["arn:aws:s3:::work/*"] },
      { Sid = "TellMissingFromDenied", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::work"] },
      { Sid = "ReadWorkflow", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition"] },
      {
        Sid       = "UseGroups"
        Effect    = "Allow"
        Action    = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        Resource  = ["arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferControl"]
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["GROUP#*"] } }
      },
      { Sid = "SendMembersAndReleases", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = ["arn:aws:sqs:us-east-1:111122223333:file-transfer-queue"] },
    ])
    error_message = "The function may do more or less than prepare files."
  }
}

run "keys_are_read_where_they_are_named" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
    secret_arns = {
      ours    = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ours-a1b2c3"
      partner = "arn:aws:secretsmanager:us-east-1:111122223333:secret:partner-d4e5f6"
    }
  }

  assert {
    condition = jsonencode(slice(jsondecode(local.function_policy).Statement, 6, 8)) == jsonencode([
      { Sid = "ReadKeys", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = [var.secret_arns["ours"], var.secret_arns["partner"]] },
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
    ])
    error_message = "The function reads other secrets than the ones named, or cannot use its key."
  }
}

run "two_files_of_the_largest_size_fit_into_tmp" {
  command = plan

  variables {
    preparation = { ephemeral_storage_mb = 1024 }
  }

  assert {
    condition     = local.max_file_bytes == 480 * 1048576
    error_message = "A file and what comes out of it do not fit, or far less is taken than fits."
  }
}

run "opening_files_has_memory_enough" {
  command = plan

  assert {
    condition     = local.memory_size == 1024
    error_message = "The parts of an object do not fit into memory beside the runtime."
  }
}

run "what_was_made_of_files_is_cleared_away" {
  command = plan

  variables {
    work_bucket = { name = "work", keep_days = 7, force_destroy = true }
  }

  assert {
    condition     = local.lifecycle_rules == { abort_multipart_days = 1, expiration_days = 7, noncurrent_days = 1 }
    error_message = "What was made of files stays."
  }

  assert {
    condition     = output.work_bucket == { name = "work", arn = "arn:aws:s3:::work" }
    error_message = "Callers cannot say where the content lies."
  }
}

run "a_test_environment_clears_nothing_away" {
  command = plan

  variables {
    work_bucket = { name = "work", keep_days = 0 }
  }

  assert {
    condition     = local.lifecycle_rules == null
    error_message = "A rule is there, which takes S3 a minute to confirm."
  }
}
