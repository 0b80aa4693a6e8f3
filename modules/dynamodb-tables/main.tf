locals {
  stream_view_types = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]

  key_attributes = {
    for key, table in var.tables : key => toset(compact(flatten([
      table.hash_key,
      table.range_key,
      [for index in values(table.global_secondary_indexes) : [index.hash_key, index.range_key]],
    ])))
  }
}

resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_28:Point-in-time recovery is on unless the caller turns it off for a table (point_in_time_recovery)
  #checkov:skip=CKV_AWS_119:DynamoDB always encrypts; a customer managed key is the caller's choice (kms_key_arn)
  for_each = var.tables

  name         = "${var.name_prefix}${each.key}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = each.value.hash_key
  range_key    = each.value.range_key

  deletion_protection_enabled = each.value.deletion_protection
  stream_enabled              = each.value.stream_view_type != null
  stream_view_type            = each.value.stream_view_type

  dynamic "attribute" {
    for_each = each.value.attributes

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.global_secondary_indexes

    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash_key
      range_key          = global_secondary_index.value.range_key
      projection_type    = global_secondary_index.value.projection_type
      non_key_attributes = global_secondary_index.value.non_key_attributes
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl_attribute == null ? [] : [each.value.ttl_attribute]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  point_in_time_recovery {
    enabled = each.value.point_in_time_recovery
  }

  # Disabled means the key DynamoDB owns; enabled without a key would mean the account's aws/dynamodb, billed per call.
  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }

  tags = var.tags

  # DynamoDB wants the attributes declared and those used in keys to be the same set. Said here and not in the variable's
  # validation, which may not use a local made from the variable.
  lifecycle {
    precondition {
      condition     = length(setsubtract(local.key_attributes[each.key], keys(each.value.attributes))) == 0
      error_message = "tables[\"${each.key}\"]: add the type of ${join(", ", setsubtract(local.key_attributes[each.key], keys(each.value.attributes)))} to attributes, a key uses it."
    }

    precondition {
      condition     = length(setsubtract(keys(each.value.attributes), local.key_attributes[each.key])) == 0
      error_message = "tables[\"${each.key}\"]: remove ${join(", ", setsubtract(keys(each.value.attributes), local.key_attributes[each.key]))} from attributes, no key uses it and other attributes need no declaration."
    }
  }
}
