mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                = "file-transfer"
  definition_template = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\"Output\":\"$${queue_url} $${copy_timeout_seconds} $${batches_at_once}\"}}}"
  package             = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  file_transfer = {
    landing_bucket  = { name = "landing-zone", arn = "arn:aws:s3:::landing-zone" }
    source_prefixes = ["from-sftp/"]
    limits          = { max_copy_bytes = 53687091200000 }
    targets         = { objects = ["arn:aws:s3:::archive/kept/*"], buckets = ["arn:aws:s3:::archive"] }
    table_names     = { FileTransferControl = "FileTransferControl" }
    table_arns      = { FileTransferControl = "arn:aws:dynamodb:us-east-1:123456789012:table/FileTransferControl" }
    queue           = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/intake", arn = "arn:aws:sqs:us-east-1:123456789012:intake" }
    layer_arn       = "arn:aws:lambda:us-east-1:123456789012:layer:layer:1"
  }
}

run "the_machine_has_the_name_it_is_started_by_and_ends_in_time" {
  command = apply

  assert {
    condition     = module.machine.name == "file-transfer-large-files"
    error_message = "file-transfer starts the machine by this name."
  }

  assert {
    condition     = jsondecode(local.definition).TimeoutSeconds == 82800 && jsondecode(local.definition).StartAt == "A"
    error_message = "A copy that takes longer than its limit has to end by itself."
  }

  assert {
    condition     = jsondecode(local.definition).States.A.Output == "https://sqs.us-east-1.amazonaws.com/123456789012/intake 900 8"
    error_message = "Placeholders are filled with the values of the variables."
  }
}

run "each_principal_may_do_exactly_what_it_needs" {
  command = apply

  assert {
    condition = { for statement in jsondecode(local.plan_copy_policy).Statement : statement.Sid => statement.Action } == {
      ReadSource            = ["s3:GetObject", "s3:GetObjectVersion"]
      OrderVersions         = ["s3:ListBucket", "s3:ListBucketVersions"]
      TellMissingFromDenied = ["s3:ListBucket"]
      BeginUpload           = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      NoteUpload            = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"]
    }
    error_message = "plan-copy has other actions than it needs."
  }

  assert {
    condition = { for statement in jsondecode(local.copy_parts_policy).Statement : statement.Sid => statement.Action } == {
      ReadSource = ["s3:GetObject", "s3:GetObjectVersion"]
      CopyParts  = ["s3:ListMultipartUploadParts", "s3:PutObject"]
    }
    error_message = "copy-parts reads sources and writes parts, and nothing else."
  }

  assert {
    condition = { for statement in jsondecode(local.complete_copy_policy).Statement : statement.Sid => statement.Action } == {
      ReadSource            = ["s3:GetObject", "s3:GetObjectVersion"]
      OrderVersions         = ["s3:ListBucket", "s3:ListBucketVersions"]
      TellMissingFromDenied = ["s3:ListBucket"]
      CompleteUpload        = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      ForgetUpload          = ["dynamodb:DeleteItem", "dynamodb:GetItem"]
    }
    error_message = "complete-copy has other actions than it needs."
  }

  assert {
    condition     = [for statement in jsondecode(local.copy_parts_policy).Statement : statement.Resource if statement.Sid == "CopyParts"][0] == ["arn:aws:s3:::archive/kept/*"]
    error_message = "Parts are written where targets may be written, and nowhere else."
  }

  assert {
    condition = { for statement in jsondecode(local.machine_policy).Statement : statement.Sid => statement.Action } == {
      InvokeSteps   = ["lambda:InvokeFunction"]
      ReportOutcome = ["sqs:SendMessage"]
    }
    error_message = "The machine invokes its steps and reports, and nothing else."
  }
}

run "what_was_prepared_is_copied_too_and_keys_are_used" {
  command = apply

  variables {
    content_bucket_arn = "arn:aws:s3:::work"
    kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = [for statement in jsondecode(local.copy_parts_policy).Statement : statement.Resource if statement.Sid == "ReadSource"][0] == ["arn:aws:s3:::landing-zone/*", "arn:aws:s3:::work/*"]
    error_message = "The work bucket is a source as well."
  }

  assert {
    condition     = alltrue([for policy in [local.plan_copy_policy, local.copy_parts_policy, local.complete_copy_policy, local.machine_policy] : contains(jsondecode(policy).Statement[*].Sid, "UseKey")])
    error_message = "Encrypted objects, notes and messages need the key."
  }
}

run "somebody_is_told_when_a_copy_ends_without_an_outcome" {
  command = apply

  assert {
    condition     = toset([for key in keys(local.machine_alarms) : local.machine_alarms[key].metric_name]) == toset(["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
    error_message = "Each way in which an execution ends badly has an alarm."
  }

  assert {
    condition     = toset(keys(local.function_alarms)) == toset(["plan-copy-errors", "copy-parts-errors", "complete-copy-errors"])
    error_message = "Each function has an alarm on its errors."
  }
}
