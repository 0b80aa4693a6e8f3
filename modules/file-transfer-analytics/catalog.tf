# What Athena knows of the rows. Columns are those of lambda_src/file_transfer/analytics/rows.py; partitions are computed from
# the day, so that nobody has to add them.
locals {
  columns = { for name, dataset in local.datasets : name => jsondecode(file("${path.module}/tables/${dataset.table}.json")) }

  # The first line of a query says what it is for.
  queries = {
    for name in fileset("${path.module}/queries", "*.sql") :
    trimsuffix(name, ".sql") => file("${path.module}/queries/${name}")
  }
}

module "results" {
  source = "../s3-bucket"

  name            = var.analytics_bucket.results_name
  force_destroy   = var.analytics_bucket.force_destroy
  versioning      = false
  lifecycle_rules = var.analytics_bucket.result_days == null ? null : { expiration_days = var.analytics_bucket.result_days }
  kms_key_arn     = var.kms_key_arn
  tags            = var.tags
}

resource "aws_glue_catalog_database" "this" {
  name        = replace(var.name, "-", "_")
  description = "What became of files, as rows."
  tags        = var.tags
}

resource "aws_glue_catalog_table" "this" {
  for_each = local.datasets

  name          = each.value.table
  database_name = aws_glue_catalog_database.this.name
  description   = "Changes of ${each.key}, at least once each: the row of an id with the highest revision counts."
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                    = "TRUE"
    classification              = "json"
    compressionType             = "gzip"
    "projection.enabled"        = "true"
    "projection.day.type"       = "date"
    "projection.day.format"     = "yyyy-MM-dd"
    "projection.day.range"      = "${var.queries.first_day},NOW"
    "storage.location.template" = "s3://${module.bucket.name}/${each.value.table}/day=$${day}/"
  }

  partition_keys {
    name    = "day"
    type    = "string"
    comment = "Day of the export, UTC: at most one before that of the change (an object goes by its oldest row), or any later one."
  }

  storage_descriptor {
    location      = "s3://${module.bucket.name}/${each.value.table}/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      name                  = "json"
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    dynamic "columns" {
      for_each = local.columns[each.key]

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

resource "aws_athena_workgroup" "this" {
  name          = var.name
  description   = "Questions about file transfers."
  force_destroy = var.analytics_bucket.force_destroy
  tags          = var.tags

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.queries.cutoff_bytes

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location = "s3://${module.results.name}/"

      encryption_configuration {
        encryption_option = var.kms_key_arn == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = var.kms_key_arn
      }
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = local.queries

  name        = replace(each.key, "_", "-")
  description = trimprefix(split("\n", each.value)[0], "-- ")
  workgroup   = aws_athena_workgroup.this.name
  database    = aws_glue_catalog_database.this.name
  query       = each.value
}
