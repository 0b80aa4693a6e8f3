# Records of jobs. What lies in them: docs/quicksight-migration.md.
module "tables" {
  source = "../dynamodb-tables"

  name_prefix = "${var.job_records.name_prefix}${var.name}-"
  tables      = local.tables
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}

locals {
  # Lists are Queries of one of three indexes; only a job's own item (and a drift report) carries `kind`. What they show of a job
  # is what a list of jobs shows (LISTED in lambda_src/quicksight_migration/records/store.py).
  listed_attributes = [
    "completedAt", "counts", "currentStep", "description", "failedStep", "initiatedBy", "kind", "reportState", "restoreOf",
    "retryCount", "revision", "runNumber", "sourceAccountId", "status", "targetAccountId", "targetState", "tenantId", "type", "updatedAt",
  ]

  indexes = {
    AccountIndex = "targetAccountId"
    StatusIndex  = "status"
    TimeIndex    = "kind"
  }

  tables = {
    job-runs = {
      hash_key   = "jobId"
      range_key  = "record"
      attributes = merge({ jobId = "S", record = "S", createdAt = "S" }, { for attribute in values(local.indexes) : attribute => "S" })
      global_secondary_indexes = {
        for index, attribute in local.indexes : index => {
          hash_key           = attribute
          range_key          = "createdAt"
          projection_type    = "INCLUDE"
          non_key_attributes = [for name in local.listed_attributes : name if name != attribute]
        }
      }
      ttl_attribute          = "expiresAt"
      stream_view_type       = "NEW_AND_OLD_IMAGES"
      point_in_time_recovery = var.job_records.point_in_time_recovery
      deletion_protection    = var.job_records.deletion_protection
    }
  }
}
