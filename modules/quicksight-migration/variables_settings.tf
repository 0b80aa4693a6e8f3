variable "definition_template" {
  description = "Text of the system's state machine (asl/<machine>.asl.json) with its placeholders; the module renders it."
  type        = string
  nullable    = false

  validation {
    condition     = strcontains(var.definition_template, "StartAt")
    error_message = "definition_template must be the text of asl/quicksight_migration.asl.json: pass file(\"…/asl/quicksight_migration.asl.json\")."
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

variable "layer" {
  description = "Package of the dependency layer, in the same two forms as `package`."
  type = object({
    filename          = optional(string)
    source_code_hash  = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
  })
  nullable = false

  validation {
    condition     = (var.layer.filename == null) != (var.layer.s3_bucket == null || var.layer.s3_key == null)
    error_message = "layer takes either filename, or s3_bucket and s3_key."
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

variable "job_records" {
  description = "Settings of the job table. `retention_days` > 0 lets a job's records expire by TTL that long after it ended; 0 keeps them, the audit among them."
  type = object({
    name_prefix            = optional(string, "")
    point_in_time_recovery = optional(bool, true)
    deletion_protection    = optional(bool, true)
    retention_days         = optional(number, 0)
  })
  default  = {}
  nullable = false
}

variable "migration" {
  description = <<-EOT
    poll_seconds: how soon a bundle job is looked at again, growing to a minute. export_slots, import_slots: how many of each
    this system runs at once in an account and Region, of which QuickSight takes five. approval_timeout_seconds: how long a plan
    waits for its approval. step_limit_seconds: after which a step that is still at work fails. schedule_expression: how often
    every open job is looked at. notification_emails: subscribers of the alerts by a static label. log_level,
    machine_log_level (ALL, ERROR, FATAL), tracing: what is logged and traced.
  EOT
  type = object({
    poll_seconds             = optional(number, 15)
    export_slots             = optional(number, 5)
    import_slots             = optional(number, 5)
    approval_timeout_seconds = optional(number, 604800)
    step_limit_seconds       = optional(number, 7200)
    schedule_expression      = optional(string, "rate(5 minutes)")
    notification_emails      = optional(map(string), {})
    log_level                = optional(string, "INFO")
    machine_log_level        = optional(string, "ERROR")
    tracing                  = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.migration.poll_seconds >= 1 && var.migration.poll_seconds <= 60
    error_message = "migration.poll_seconds is ${var.migration.poll_seconds}: use 1 to 60."
  }

  validation {
    condition     = alltrue([for slots in [var.migration.export_slots, var.migration.import_slots] : slots >= 1 && slots <= 5])
    error_message = "migration.export_slots is ${var.migration.export_slots} and import_slots ${var.migration.import_slots}: QuickSight runs 1 to 5 of each in an account."
  }

  validation {
    condition     = var.migration.approval_timeout_seconds >= 60 && var.migration.approval_timeout_seconds <= 31536000
    error_message = "migration.approval_timeout_seconds is ${var.migration.approval_timeout_seconds}: use a minute (60) to a year (31536000), the longest that a run may take."
  }

  validation {
    condition     = var.migration.step_limit_seconds >= 60
    error_message = "migration.step_limit_seconds is ${var.migration.step_limit_seconds}: use 60 or more."
  }
}

variable "drift" {
  description = "The report that compares what was migrated with both ends as they are now: when it is made (rate or cron, in UTC), and whether it is at all."
  type = object({
    schedule_expression = optional(string, "cron(0 3 * * ? *)")
    enabled             = optional(bool, true)
  })
  default  = {}
  nullable = false
}

variable "alarm_levels" {
  description = "Values above which the alarms of the system fire: errors of a function in a minute, seconds that a job is at work."
  type = object({
    function_errors = optional(number, 0)
    job_seconds     = optional(number, 14400)
  })
  default  = {}
  nullable = false
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
