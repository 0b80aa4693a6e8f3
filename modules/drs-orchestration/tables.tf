# The three tables of the brief. What lies in them: docs/disaster-recovery.md.
locals {
  table_defaults = {
    range_key                = null
    stream_view_type         = null
    ttl_attribute            = null
    global_secondary_indexes = {}
    point_in_time_recovery   = var.records.point_in_time_recovery
    deletion_protection      = var.records.deletion_protection
  }

  tables = {
    # Lists are Queries of NameIndex, by name; items that only hold a name have no `kind` and are not in it.
    protection-groups = merge(local.table_defaults, {
      hash_key   = "groupId"
      attributes = { groupId = "S", kind = "S", name = "S" }
      global_secondary_indexes = {
        NameIndex = {
          hash_key           = "kind"
          range_key          = "name"
          projection_type    = "INCLUDE"
          non_key_attributes = ["account", "createdAt", "createdBy", "document", "updatedAt", "updatedBy", "version"]
        }
      }
    })
    recovery-plans = merge(local.table_defaults, {
      hash_key   = "planId"
      attributes = { planId = "S", kind = "S", name = "S" }
      global_secondary_indexes = {
        NameIndex = {
          hash_key           = "kind"
          range_key          = "name"
          projection_type    = "INCLUDE"
          non_key_attributes = ["account", "createdAt", "createdBy", "description", "groupIds", "updatedAt", "updatedBy", "version", "waveCount"]
        }
      }
    })
    execution-history = merge(local.table_defaults, {
      hash_key      = "executionId"
      range_key     = "record"
      attributes    = { executionId = "S", record = "S", status = "S", startedAt = "S" }
      ttl_attribute = "expiresAt"
      global_secondary_indexes = {
        # Only an execution's head and a termination under way carry `status`: the index holds one or two items an execution.
        StatusIndex = {
          hash_key           = "status"
          range_key          = "startedAt"
          projection_type    = "INCLUDE"
          non_key_attributes = ["planId", "planName", "type", "endedAt", "updatedAt", "currentWave", "waveCount"]
        }
      }
    })
  }
}
