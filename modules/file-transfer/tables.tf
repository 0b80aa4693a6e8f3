# The six tables of the brief, and two for what goes beyond it. Their keys differ from the brief's where those collide or
# cannot be queried: docs/adr/0002-tables-and-keys.md has the list.
locals {
  key_schema = { PK = "S", SK = "S" }

  table_defaults = {
    point_in_time_recovery = var.table_settings.point_in_time_recovery
    deletion_protection    = var.table_settings.deletion_protection
  }

  table_shapes = {
    FileTransferStatus = {
      hash_key         = "PK"
      range_key        = "SK"
      attributes       = merge(local.key_schema, { attentionCustomerId = "S", workflowStatus = "S", dateStatus = "S", timestamp = "S" })
      stream_view_type = "NEW_AND_OLD_IMAGES"
      ttl_attribute    = "expiresAt"
      global_secondary_indexes = {
        # Sparse: only transfers that need somebody (RETRYING, PARTIAL, FAILED, REJECTED) carry attentionCustomerId.
        CustomerIndex = { hash_key = "attentionCustomerId", range_key = "timestamp", projection_type = "INCLUDE", non_key_attributes = ["status", "fileName"] }
        # Sharded keys (<workflowId>#<status>#<shard>, <date>#<status>#<shard>): a bare status would be one hot partition.
        WorkflowStatusIndex = { hash_key = "workflowStatus", range_key = "timestamp", projection_type = "KEYS_ONLY", non_key_attributes = null }
        DateStatusIndex     = { hash_key = "dateStatus", range_key = "timestamp", projection_type = "KEYS_ONLY", non_key_attributes = null }
      }
    }
    CustomerFileIndex = {
      hash_key                 = "PK"
      range_key                = "SK"
      attributes               = local.key_schema
      stream_view_type         = null
      ttl_attribute            = "expiresAt"
      global_secondary_indexes = {}
    }
    WorkflowDefinition = {
      hash_key         = "PK"
      range_key        = null
      attributes       = { PK = "S", sourcePrefix = "S", kind = "S", workflowId = "S", sftpUserName = "S" }
      stream_view_type = null
      ttl_attribute    = null
      global_secondary_indexes = {
        SourcePrefixIndex = { hash_key = "sourcePrefix", range_key = null, projection_type = "ALL", non_key_attributes = null }
        # Every definition, for those who go through all of them: lists, expectations, pulls.
        KindIndex     = { hash_key = "kind", range_key = "workflowId", projection_type = "ALL", non_key_attributes = null }
        SftpUserIndex = { hash_key = "sftpUserName", range_key = null, projection_type = "ALL", non_key_attributes = null }
      }
    }
    FileTransferAuditLog = {
      hash_key                 = "PK"
      range_key                = "SK"
      attributes               = local.key_schema
      stream_view_type         = "NEW_IMAGE"
      ttl_attribute            = null # an audit trail does not expire by itself
      global_secondary_indexes = {}
    }
    TransferFailureQueue = {
      hash_key         = "PK"
      range_key        = "SK"
      attributes       = merge(local.key_schema, { customerId = "S", workflowId = "S", failureReason = "S", timestamp = "S" })
      stream_view_type = "NEW_IMAGE"
      ttl_attribute    = null
      global_secondary_indexes = {
        FailureByCustomer = { hash_key = "customerId", range_key = "timestamp", projection_type = "ALL", non_key_attributes = null }
        FailureByWorkflow = { hash_key = "workflowId", range_key = "timestamp", projection_type = "ALL", non_key_attributes = null }
        FailureByReason   = { hash_key = "failureReason", range_key = "timestamp", projection_type = "ALL", non_key_attributes = null }
      }
    }
    TransferNotificationLog = {
      hash_key         = "PK"
      range_key        = "SK"
      attributes       = merge(local.key_schema, { customerId = "S", statusTimestamp = "S", failedDate = "S", timestamp = "S" })
      stream_view_type = "NEW_IMAGE"
      ttl_attribute    = "expiresAt"
      global_secondary_indexes = {
        NotificationCustomerIndex = { hash_key = "customerId", range_key = "statusTimestamp", projection_type = "KEYS_ONLY", non_key_attributes = null }
        FailedNotificationIndex   = { hash_key = "failedDate", range_key = "timestamp", projection_type = "ALL", non_key_attributes = null }
      }
    }
    # What the machinery keeps for itself: where the sweep stands, groups of files, replays, digests, repeated requests.
    FileTransferControl = {
      hash_key                 = "PK"
      range_key                = "SK"
      attributes               = local.key_schema
      stream_view_type         = null
      ttl_attribute            = "expiresAt"
      global_secondary_indexes = {}
    }
    TransferExpectation = {
      hash_key         = "PK"
      range_key        = "SK"
      attributes       = merge(local.key_schema, { status = "S", customerId = "S", dueAt = "S" })
      stream_view_type = null
      ttl_attribute    = "expiresAt"
      global_secondary_indexes = {
        StatusIndex   = { hash_key = "status", range_key = "dueAt", projection_type = "ALL", non_key_attributes = null }
        CustomerIndex = { hash_key = "customerId", range_key = "dueAt", projection_type = "ALL", non_key_attributes = null }
      }
    }
  }

  tables = { for name, shape in local.table_shapes : name => merge(local.table_defaults, shape) }
}
