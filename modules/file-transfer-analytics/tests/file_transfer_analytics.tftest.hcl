mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name             = "file-transfer"
  package          = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  analytics_bucket = { name = "example-analytics", results_name = "example-analytics-results" }
  file_transfer = {
    table_names = {
      FileTransferStatus      = "FileTransferStatus"
      TransferNotificationLog = "TransferNotificationLog"
      TransferFailureQueue    = "TransferFailureQueue"
    }
    stream_arns = {
      FileTransferStatus      = "arn:aws:dynamodb:us-east-1:111122223333:table/FileTransferStatus/stream/2026-01-01T00:00:00.000"
      TransferNotificationLog = "arn:aws:dynamodb:us-east-1:111122223333:table/TransferNotificationLog/stream/2026-01-01T00:00:00.000"
      TransferFailureQueue    = "arn:aws:dynamodb:us-east-1:111122223333:table/TransferFailureQueue/stream/2026-01-01T00:00:00.000"
    }
    layer_arn = "arn:aws:lambda:us-east-1:111122223333:layer:file-transfer-dependencies:1"
  }
}

run "the_function_puts_rows_and_does_nothing_else" {
  command = apply

  assert {
    condition     = [for statement in jsondecode(local.export_policy).Statement : [statement.Sid, statement.Action]] == [["PutRows", ["firehose:PutRecordBatch"]]]
    error_message = "The function has other permissions."
  }

  assert {
    condition     = toset(jsondecode(local.export_policy).Statement[0].Resource) == toset(["arn:aws:firehose:us-east-1:123456789012:deliverystream/stream"]) && length(jsondecode(local.export_policy).Statement[0].Resource) == 3
    error_message = "It puts rows into its own three streams."
  }
}

run "firehose_writes_objects_and_reads_none" {
  command = apply

  assert {
    condition = jsondecode(local.delivery_policy).Statement == [
      { Sid = "FindBucket", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], Resource = ["arn:aws:s3:::bucket"] },
      { Sid = "WriteObjects", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:PutObject"], Resource = ["arn:aws:s3:::bucket/*"] },
      { Sid = "TellOfRefusals", Effect = "Allow", Action = ["logs:PutLogEvents"], Resource = ["arn:aws:logs:us-east-1:123456789012:log-group:group:log-stream:*"] },
    ]
    error_message = "Firehose has other permissions."
  }

  assert {
    condition     = jsondecode(aws_iam_role.delivery.assume_role_policy).Statement[0].Condition == { StringEquals = { "sts:ExternalId" = "123456789012" } }
    error_message = "Streams of other accounts could use the role."
  }
}

run "rows_lie_where_tables_look_for_them" {
  command = apply

  assert {
    condition = alltrue([
      for name, stream in aws_kinesis_firehose_delivery_stream.this :
      stream.extended_s3_configuration[0].prefix == "${local.datasets[name].table}/day=!{timestamp:yyyy-MM-dd}/"
      && aws_glue_catalog_table.this[name].parameters["storage.location.template"] == "s3://example-analytics/${local.datasets[name].table}/day=$${day}/"
    ])
    error_message = "Firehose writes to other places than Athena reads."
  }

  assert {
    condition     = alltrue([for stream in aws_kinesis_firehose_delivery_stream.this : startswith(stream.extended_s3_configuration[0].error_output_prefix, "errors/")])
    error_message = "What could not be written lies among the rows."
  }

  assert {
    condition     = alltrue([for table in aws_glue_catalog_table.this : slice(table.storage_descriptor[0].columns[*].name, 0, 2) == tolist(["id", "revision"])])
    error_message = "A table does not tell its rows apart."
  }
}

run "a_column_is_named_once_and_in_small_letters" {
  command = apply

  assert {
    condition = alltrue([
      for columns in local.columns :
      length(distinct(columns[*].name)) == length(columns) && alltrue([for column in columns : column.name == lower(column.name) && length(column.comment) <= 255])
    ])
    error_message = "Glue takes names in small letters, and Athena tells none apart by their size."
  }
}

run "nobody_at_work_is_a_row" {
  command = apply

  assert {
    condition     = jsondecode(local.datasets["FileTransferStatus"].filters[0]).dynamodb.NewImage.status.S[0]["anything-but"] == ["IN_PROGRESS"]
    error_message = "Transfers at work are exported."
  }
}

run "queries_say_what_they_are_for" {
  command = apply

  assert {
    condition     = length(aws_athena_named_query.this) == 8 && alltrue([for query in aws_athena_named_query.this : endswith(query.description, ".") && !startswith(query.description, "--")])
    error_message = "A query begins with a line that says what it is for."
  }

  assert {
    condition     = alltrue([for query in aws_athena_named_query.this : strcontains(query.query, "PARTITION BY id ORDER BY revision DESC")])
    error_message = "A query would count every change of a transfer."
  }

  assert {
    condition     = aws_athena_workgroup.this.configuration[0].enforce_workgroup_configuration && aws_athena_workgroup.this.configuration[0].bytes_scanned_cutoff_per_query == 10737418240
    error_message = "A query could read without a limit."
  }
}

run "somebody_is_called" {
  command = apply

  assert {
    condition = toset(keys(merge(local.export_alarms, local.delivery_alarms))) == toset([
      "analytics-errors", "analytics-behind", "analytics-unexported",
      "analytics-transfers-stale", "analytics-notifications-stale", "analytics-failures-stale",
    ])
    error_message = "There are other alarms."
  }
}

run "a_customer_key_is_granted_where_one_is_used" {
  command = apply

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/k"
  }

  assert {
    condition     = alltrue([for policy in [local.export_policy, local.delivery_policy] : strcontains(policy, "kms:Decrypt")])
    error_message = "Both touch encrypted data."
  }

  assert {
    condition     = alltrue([for stream in aws_kinesis_firehose_delivery_stream.this : stream.server_side_encryption[0].key_type == "CUSTOMER_MANAGED_CMK"])
    error_message = "What waits in Firehose is not encrypted with the key."
  }
}
