mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name_prefix = "dev-"
  tables = {
    Status = {
      hash_key   = "PK"
      range_key  = "SK"
      attributes = { PK = "S", SK = "S", customerId = "S", timestamp = "S" }
      global_secondary_indexes = {
        CustomerIndex = {
          hash_key           = "customerId"
          range_key          = "timestamp"
          projection_type    = "INCLUDE"
          non_key_attributes = ["fileName"]
        }
      }
      stream_view_type = "NEW_AND_OLD_IMAGES"
      ttl_attribute    = "expiresAt"
    }
    Audit = {
      hash_key   = "PK"
      attributes = { PK = "S" }
    }
  }
}

run "tables_are_billed_by_request_protected_and_restorable" {
  command = plan

  assert {
    condition = alltrue([
      for table in values(aws_dynamodb_table.this) :
      table.billing_mode == "PAY_PER_REQUEST" &&
      table.deletion_protection_enabled &&
      table.point_in_time_recovery[0].enabled
    ])
    error_message = "A table is provisioned, unprotected or cannot be restored."
  }
}

run "keys_and_attributes_reach_the_tables" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this["Status"].hash_key == "PK" && aws_dynamodb_table.this["Status"].range_key == "SK"
    error_message = "The keys are not those given."
  }

  assert {
    condition = { for attribute in aws_dynamodb_table.this["Status"].attribute : attribute.name => attribute.type } == {
      PK = "S", SK = "S", customerId = "S", timestamp = "S"
    }
    error_message = "The attributes are not those given."
  }

  assert {
    condition = [
      for index in aws_dynamodb_table.this["Status"].global_secondary_index :
      [index.name, index.hash_key, index.range_key, index.projection_type, join(",", index.non_key_attributes)]
    ] == [["CustomerIndex", "customerId", "timestamp", "INCLUDE", "fileName"]]
    error_message = "The index is not the one given."
  }
}

run "stream_and_expiry_are_on_only_where_asked_for" {
  command = plan

  assert {
    condition = (
      aws_dynamodb_table.this["Status"].stream_enabled &&
      aws_dynamodb_table.this["Status"].stream_view_type == "NEW_AND_OLD_IMAGES" &&
      aws_dynamodb_table.this["Audit"].stream_enabled == false
    )
    error_message = "Streams are not on exactly where a view type is given."
  }

  assert {
    condition = (
      aws_dynamodb_table.this["Status"].ttl[0].attribute_name == "expiresAt" &&
      aws_dynamodb_table.this["Status"].ttl[0].enabled &&
      alltrue([for ttl in aws_dynamodb_table.this["Audit"].ttl : ttl.enabled != true])
    )
    error_message = "Items do not expire exactly where an attribute is given."
  }
}

run "protection_and_recovery_can_be_given_up_for_a_table" {
  command = plan

  variables {
    tables = {
      Scratch = {
        hash_key               = "PK"
        attributes             = { PK = "S" }
        deletion_protection    = false
        point_in_time_recovery = false
      }
    }
  }

  assert {
    condition = (
      aws_dynamodb_table.this["Scratch"].deletion_protection_enabled == false &&
      aws_dynamodb_table.this["Scratch"].point_in_time_recovery[0].enabled == false
    )
    error_message = "The settings do not reach the table."
  }
}

run "tables_use_dynamodb_s_own_key" {
  command = plan

  assert {
    condition     = alltrue([for table in values(aws_dynamodb_table.this) : table.server_side_encryption[0].enabled == false])
    error_message = "Enabled without a key means the account's aws/dynamodb key, billed per call."
  }
}

run "tables_use_the_given_key_and_tags" {
  command = plan

  variables {
    tags        = { team = "ops" }
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition = alltrue([
      for table in values(aws_dynamodb_table.this) :
      table.server_side_encryption[0].enabled && table.server_side_encryption[0].kms_key_arn == var.kms_key_arn
    ])
    error_message = "A table is not encrypted with the key."
  }

  assert {
    condition     = alltrue([for table in values(aws_dynamodb_table.this) : table.tags == tomap({ team = "ops" })])
    error_message = "A table lacks the tags."
  }
}

run "outputs_are_keyed_like_the_tables" {
  command = plan

  assert {
    condition     = output.names == { Status = "dev-Status", Audit = "dev-Audit" } && keys(output.arns) == ["Audit", "Status"]
    error_message = "Names or ARNs are not keyed by table."
  }

  assert {
    condition = output.stream_arns == {
      Status = "arn:aws:dynamodb:us-east-1:111122223333:table/example/stream/2026-01-01T00:00:00.000"
    }
    error_message = "The streams' ARNs are not those of the tables with a stream."
  }

  assert {
    condition = output.index_arns == {
      Status = { CustomerIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/example/index/CustomerIndex" }
      Audit  = {}
    }
    error_message = "The indexes' ARNs are not what a querying role needs."
  }
}
