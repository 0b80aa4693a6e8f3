mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name         = "file-transfer"
  package      = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  audit_bucket = { name = "example-audit" }
  file_transfer = {
    stream_arns = { FileTransferAuditLog = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferAuditLog/stream/2026-01-01T00:00:00.000" }
    layer_arn   = "arn:aws:lambda:us-east-1:111122223333:layer:file-transfer-dependencies:1"
  }
}

run "records_are_appended_and_never_taken_away" {
  command = apply

  assert {
    condition = jsondecode(local.export_audit_policy).Statement == [
      { Sid = "AppendRecords", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::bucket/audit/*"] },
    ]
    error_message = "The export may put records and do nothing else."
  }

  assert {
    condition     = toset(flatten(jsondecode(local.seal_audit_policy).Statement[*].Action)) == toset(["s3:ListBucket", "s3:GetObject", "s3:PutObject"])
    error_message = "The seal reads, and writes manifests."
  }

  assert {
    condition     = [for statement in jsondecode(local.seal_audit_policy).Statement : statement.Resource if statement.Sid == "WriteManifests"] == [["arn:aws:s3:::bucket/manifests/*"]]
    error_message = "The seal writes nothing but manifests."
  }
}

run "the_lock_holds_for_seven_years_unless_asked_otherwise" {
  command = apply

  assert {
    condition     = var.audit_bucket.mode == "COMPLIANCE" && var.audit_bucket.retention_days == 2555
    error_message = "The default is the strict one."
  }
}

run "somebody_is_called" {
  command = apply

  assert {
    condition     = toset(keys(merge(local.function_alarms, local.system_alarms))) == toset(["export-audit-errors", "seal-audit-errors", "audit-unexported", "audit-tampered", "audit-unsealed"])
    error_message = "There are other alarms."
  }
}

run "a_customer_key_is_granted_where_one_is_used" {
  command = apply

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/k"
  }

  assert {
    condition     = alltrue([for policy in [local.export_audit_policy, local.seal_audit_policy] : strcontains(policy, "kms:Decrypt")])
    error_message = "Both functions touch encrypted data."
  }
}
