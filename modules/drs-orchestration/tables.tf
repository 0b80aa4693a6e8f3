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
    protection-groups = merge(local.table_defaults, { hash_key = "groupId", attributes = { groupId = "S" } })
    recovery-plans    = merge(local.table_defaults, { hash_key = "planId", attributes = { planId = "S" } })
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
