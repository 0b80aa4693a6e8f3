variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name must be 2 to 30 characters of a-z, 0-9 and '-', starting with a letter: that of the file-transfer system."
  }
}

variable "file_transfer" {
  description = "The system that the module adds to: the output `system` of file-transfer."
  type = object({
    table_names = map(string)
    stream_arns = map(string)
    layer_arn   = string
  })
  nullable = false
}

variable "analytics_bucket" {
  description = "The bucket of rows, and beside it one for what queries answer. `retention_days`: how long rows are kept, null keeps them; `result_days`: how long answers are. `force_destroy`: let terraform destroy delete both with what is in them."
  type = object({
    name           = string
    results_name   = string
    retention_days = optional(number)
    result_days    = optional(number, 30)
    force_destroy  = optional(bool, false)
  })
  nullable = false

  validation {
    condition     = var.analytics_bucket.name != var.analytics_bucket.results_name
    error_message = "analytics_bucket.results_name is analytics_bucket.name: answers would lie among the rows."
  }
}

variable "rows" {
  description = "Changes of a batch and seconds until a smaller one goes out; how often a batch is tried before it goes to the dead-letter queue; how many seconds and MiB Firehose gathers for one object: the fewer, the more objects every query opens."
  type = object({
    batch_size     = optional(number, 500)
    window_seconds = optional(number, 60)
    retry_attempts = optional(number, 100)
    buffer_seconds = optional(number, 300)
    buffer_mib     = optional(number, 64)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.rows.batch_size >= 1 && var.rows.batch_size <= 1000 && var.rows.window_seconds >= 0 && var.rows.window_seconds <= 300
    error_message = "rows takes batch_size 1 to 1000 and window_seconds 0 to 300."
  }

  validation {
    condition     = var.rows.buffer_seconds >= 60 && var.rows.buffer_seconds <= 900 && var.rows.buffer_mib >= 1 && var.rows.buffer_mib <= 128
    error_message = "rows takes buffer_seconds 60 to 900 and buffer_mib 1 to 128."
  }
}

variable "queries" {
  description = "`first_day`: the first day that tables have, `yyyy-MM-dd`, that of the first export or before it. `cutoff_bytes`: what one query may read before it is stopped, since reading is what it costs."
  type = object({
    first_day    = optional(string, "2026-01-01")
    cutoff_bytes = optional(number, 10737418240)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(formatdate("YYYY-MM-DD", "${var.queries.first_day}T00:00:00Z")) && length(var.queries.first_day) == 10
    error_message = "queries.first_day is \"${var.queries.first_day}\": use a day such as 2026-01-01."
  }

  validation {
    condition     = var.queries.cutoff_bytes >= 10485760
    error_message = "queries.cutoff_bytes is ${var.queries.cutoff_bytes}: Athena takes 10485760 (10 MiB) or more."
  }
}

variable "package" {
  description = <<-EOT
    Where the zip is: either filename with source_code_hash (base64 SHA-256 of the file, or Terraform does not notice a
    new zip), or s3_bucket with s3_key (and s3_object_version unless the key itself names the content).
  EOT
  type = object({
    filename          = optional(string)
    source_code_hash  = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
  })
  nullable = false

  validation {
    condition = var.package.filename == null ? (
      var.package.s3_bucket != null && var.package.s3_key != null
      ) : (
      var.package.s3_bucket == null && var.package.s3_key == null && var.package.s3_object_version == null
    )
    error_message = "package names no zip or two: give filename alone, or s3_bucket with s3_key."
  }

  validation {
    condition     = var.package.filename == null || var.package.source_code_hash != null
    error_message = "package.filename comes without package.source_code_hash: pass filebase64sha256 of the zip, or new code is never deployed."
  }
}

variable "lambda" {
  description = "Runtime, instruction set (`arm64` or `x86_64`) and memory in MB of all functions."
  type = object({
    runtime      = optional(string, "python3.13")
    architecture = optional(string, "arm64")
    memory_size  = optional(number, 256)
  })
  default  = {}
  nullable = false
}

variable "log_level" {
  description = "Lowest level that the functions log."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level is \"${var.log_level}\": use DEBUG, INFO, WARNING or ERROR."
  }
}

variable "tracing" {
  description = "Send AWS X-Ray traces."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days CloudWatch keeps the module's logs."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days
    )
    error_message = "log_retention_days is ${var.log_retention_days}, which CloudWatch Logs does not offer: use 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer managed KMS key that encrypts what the module stores; null leaves it to the service's own encryption."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "ARN of the IAM policy set as permissions boundary on every role of the module; null sets none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags put on every resource of the module that can carry them."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "alarm_actions" {
  description = "ARNs notified when an alarm goes off, usually one SNS topic."
  type        = list(string)
  default     = []
  nullable    = false
}
