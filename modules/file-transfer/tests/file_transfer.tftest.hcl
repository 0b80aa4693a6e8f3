mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                = "file-transfer"
  definition_template = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\"Output\":\"$${status_table_name} $${retry_base_delay_seconds} $${copy_timeout_seconds}\"}}}"
  package             = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  layer               = { s3_bucket = "artifacts", s3_key = "layer.zip" }
  landing             = { bucket_name = "landing-zone" }
  targets = {
    archive = { type = "S3", bucket = "archive", prefix = "kept/" }
    partner = { type = "SFTP", bucket = "partner-backend" }
  }
  workflows = {
    copy-sftp-to-s3 = {
      sourceType      = "SFTP"
      targetType      = "S3"
      sourcePrefix    = "from-sftp/clientx/"
      customerId      = "clientx"
      validationRegex = "^clientx_[a-z]+\\.csv$"
      targets         = { s3 = { type = "S3", uri = "s3://archive/kept/", pathPattern = "customerId/YYYY/MM/" } }
    }
  }
  sftp = {
    users = { clientx = { home = { bucket = "landing-zone", prefix = "from-sftp/clientx/" } } }
  }
}

run "sftp_keys_arrive_by_the_servers_events_and_other_keys_by_those_of_s3" {
  command = apply

  assert {
    condition     = jsondecode(local.arrival_rules["s3-arrivals"].event_pattern).detail.object.key == [{ "anything-but" = { prefix = "from-sftp/" } }]
    error_message = "S3 events of SFTP keys must stay out: an interrupted upload fires them too."
  }

  assert {
    condition     = jsondecode(local.arrival_rules["sftp-renames"].event_pattern).detail.reason == ["CopyObject"]
    error_message = "A rename over SFTP must count as an arrival."
  }

  assert {
    condition     = jsondecode(local.arrival_rules["sftp-uploads"].event_pattern).detail["file-path"] == [{ prefix = "/landing-zone/from-sftp/" }]
    error_message = "Servers announce uploads below the SFTP prefix of this bucket, and no others."
  }

  assert {
    condition     = contains(jsondecode(local.arrival_rules["sftp-uploads"].event_pattern)["detail-type"], "SFTP Server File Upload Failed")
    error_message = "Broken uploads must arrive too, to be put aside."
  }
}

run "each_principal_may_do_exactly_what_it_needs" {
  command = apply

  assert {
    condition     = toset(flatten(jsondecode(local.validate_input_policy).Statement[*].Action)) == toset(["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:Query"])
    error_message = "validate-input has other actions than it needs."
  }

  assert {
    condition     = [for statement in jsondecode(local.copy_object_policy).Statement : statement.Resource if statement.Sid == "WriteTarget"][0] == ["arn:aws:s3:::archive/kept/*", "arn:aws:s3:::partner-backend/*"]
    error_message = "copy-object may write below the targets' prefixes and nowhere else."
  }

  assert {
    condition     = flatten([for statement in jsondecode(local.record_status_policy).Statement : statement.Action if statement.Sid == "AppendAudit"]) == ["dynamodb:PutItem", "dynamodb:Query"]
    error_message = "The audit log is append-only: the recorder neither updates nor deletes."
  }

  assert {
    condition     = [for statement in jsondecode(local.record_status_policy).Statement : statement.Sid if contains(flatten([statement.Action]), "dynamodb:UpdateItem")] == ["MarkReplayed"]
    error_message = "The recorder updates failure records, to mark them replayed, and nothing else."
  }

  assert {
    condition     = toset(flatten(jsondecode(local.machine_policy).Statement[*].Action)) == toset(["lambda:InvokeFunction", "dynamodb:UpdateItem", "sqs:SendMessage"])
    error_message = "The machine has other actions than it needs."
  }

  assert {
    condition     = !strcontains(join("", [local.validate_input_policy, local.copy_object_policy, local.record_status_policy, local.machine_policy]), "\"*\"")
    error_message = "No policy may name every resource."
  }
}

run "a_customer_key_is_granted_where_one_is_used" {
  command = apply

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/k"
  }

  assert {
    condition     = alltrue([for policy in [local.validate_input_policy, local.copy_object_policy, local.record_status_policy, local.machine_policy] : strcontains(policy, "kms:Decrypt")])
    error_message = "Every principal that touches encrypted data needs the key."
  }
}

run "the_machine_is_rendered_with_names_and_numbers" {
  command = apply

  assert {
    condition     = jsondecode(local.definition).States.A.Output == "FileTransferStatus 30 240"
    error_message = "A placeholder of the definition was not rendered."
  }
}

run "a_workflow_of_the_variable_becomes_an_item_of_the_table" {
  command = apply

  assert {
    condition     = jsondecode(aws_dynamodb_table_item.workflow["copy-sftp-to-s3"].item).PK.S == "WORKFLOW#copy-sftp-to-s3"
    error_message = "The item's key is WORKFLOW#<id>."
  }

  assert {
    condition     = jsondecode(aws_dynamodb_table_item.workflow["copy-sftp-to-s3"].item).targets.M.s3.M.overwrite.S == "newest-wins"
    error_message = "newest-wins is the default policy."
  }

  assert {
    condition     = jsondecode(aws_dynamodb_table_item.workflow["copy-sftp-to-s3"].item).maxRetries.N == "3"
    error_message = "Numbers are DynamoDB numbers."
  }
}

run "tables_with_the_names_of_the_brief_and_two_more" {
  command = apply

  assert {
    condition     = toset(keys(module.tables.names)) == toset(["FileTransferStatus", "CustomerFileIndex", "WorkflowDefinition", "FileTransferAuditLog", "TransferFailureQueue", "TransferNotificationLog", "FileTransferControl", "TransferExpectation"])
    error_message = "The brief names six tables; two more are ours."
  }
}

run "somebody_is_told_when_things_wait_or_fail" {
  command = apply

  assert {
    condition     = toset(keys(local.system_alarms)) == toset(["dead-letters", "queue-age", "manual-review", "unrecorded", "executions-failed", "executions-timed-out", "failed-transfers"])
    error_message = "Every queue that can fill up and every way the machine can fail has an alarm."
  }

  assert {
    condition     = toset(keys(local.sweep_alarms)) == toset(["pipe-stopped", "unfinished"])
    error_message = "A pipe that stands still and a transfer that never ends have an alarm."
  }
}

run "one_page_shows_how_it_goes" {
  command = apply

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 7
    error_message = "Outcomes, durations, errors, queue, pipe and SLA, customers, last failures."
  }

  assert {
    condition     = !strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "\"customerId\",")
    error_message = "A customer must not be a dimension of a metric: each would be one more to pay for."
  }
}

run "the_sweep_may_look_and_announce" {
  command = apply

  assert {
    condition     = toset(flatten(jsondecode(local.sweep_arrivals_policy).Statement[*].Action)) == toset(["s3:ListBucketVersions", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "sqs:SendMessage", "logs:FilterLogEvents", "pipes:DescribePipe"])
    error_message = "The sweep has other actions than it needs."
  }

  assert {
    condition     = local.sftp_log_groups[0] == "/aws/vendedlogs/transfer/file-transfer" && !strcontains(local.sweep_arrivals_policy, "\"*\"")
    error_message = "The sweep reads the SFTP servers' logs and no others."
  }
}

run "add_ons_that_are_there_are_used_and_no_others" {
  command = apply

  assert {
    condition     = output.system.connector_queue == null && output.system.notification_queue == null
    error_message = "Without add-ons there are no queues to them."
  }

  assert {
    condition     = !strcontains(local.machine_policy, "prepare-file") && !strcontains(local.machine_policy, "states:StartExecution")
    error_message = "Without add-ons the machine may not call them."
  }
}

run "every_add_on" {
  command = apply

  variables {
    settings = {
      max_copy_bytes = 1099511627776
      add_ons        = { content_bucket = "work", connectors = true, large_files = true, notifications = true }
    }
  }

  assert {
    condition     = { for statement in jsondecode(local.machine_policy).Statement : statement.Sid => statement.Resource if statement.Sid == "StartLargeFiles" } == { StartLargeFiles = ["arn:aws:states:us-east-1:123456789012:stateMachine:file-transfer-large-files"] }
    error_message = "The machine starts the large-file machine and no other."
  }

  assert {
    condition = jsondecode(local.arrival_rules["large-files-ended"].event_pattern).detail == {
      stateMachineArn = ["arn:aws:states:us-east-1:123456789012:stateMachine:file-transfer-large-files"]
      status          = ["ABORTED", "FAILED", "TIMED_OUT"]
    }
    error_message = "An execution that could not report is heard of by its event; one that succeeded has reported."
  }

  assert {
    condition     = contains([for statement in jsondecode(local.machine_policy).Statement : statement.Resource if statement.Sid == "InvokeHandlers"][0], "arn:aws:lambda:us-east-1:123456789012:function:file-transfer-prepare-file")
    error_message = "The machine invokes prepare-file by its name."
  }

  assert {
    condition     = contains([for statement in jsondecode(local.machine_policy).Statement : statement.Resource if statement.Sid == "RetryAndReview"][0], output.system.connector_queue.arn)
    error_message = "Orders to connectors go to their queue."
  }

  assert {
    condition     = [for statement in jsondecode(local.record_status_policy).Statement : statement.Resource if statement.Sid == "OrderNotifications"] == [[output.system.notification_queue.arn]]
    error_message = "The recorder orders notifications."
  }

  assert {
    condition     = contains([for statement in jsondecode(local.copy_object_policy).Statement : statement.Resource if statement.Sid == "ReadSource"][0], "arn:aws:s3:::work/*")
    error_message = "What was prepared is copied from the work bucket."
  }
}
