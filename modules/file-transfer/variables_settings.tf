variable "definition_template" {
  description = "Text of the system's state machine (asl/<machine>.asl.json) with its placeholders; the module renders it."
  type        = string
  nullable    = false

  validation {
    condition     = strcontains(var.definition_template, "StartAt")
    error_message = "definition_template must be the text of asl/file_transfer.asl.json: pass file(\"…/asl/file_transfer.asl.json\")."
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

variable "intake" {
  description = "The queues. `visibility_timeout_seconds`: longer than an execution can live. `max_receive_count`: receives before a message goes to the dead-letter queue. `lease_seconds`: how long a claim holds before another message may take the transfer over; shorter than the visibility timeout. `sweep`: how often the landing bucket is compared with the records, how old an arrival without record must be, how far back it looks, and what becomes of an SFTP upload of which neither event nor log says that it is whole (QUARANTINE or DELIVER); `log_group_names` are the JSON logs of further SFTP servers that write below the SFTP prefix."
  type = object({
    visibility_timeout_seconds = optional(number, 360)
    max_receive_count          = optional(number, 6)
    message_retention_seconds  = optional(number, 1209600)
    lease_seconds              = optional(number, 330)
    manual_review_queue_name   = optional(string, "manual-review-queue")
    sweep = optional(object({
      schedule_expression = optional(string, "rate(15 minutes)")
      settle_seconds      = optional(number, 900)
      lookback_hours      = optional(number, 48)
      unconfirmed_uploads = optional(string, "QUARANTINE")
      log_group_names     = optional(list(string), [])
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.intake.max_receive_count >= 3
    error_message = "intake.max_receive_count is ${var.intake.max_receive_count}: use 3 or more, since the last receive but one sends a transfer that keeps crashing to manual review."
  }

  validation {
    condition     = var.intake.lease_seconds >= 5 && var.intake.lease_seconds < var.intake.visibility_timeout_seconds
    error_message = "intake.lease_seconds is ${var.intake.lease_seconds}: use at least 5 and less than intake.visibility_timeout_seconds."
  }

  validation {
    condition     = contains(["QUARANTINE", "DELIVER"], var.intake.sweep.unconfirmed_uploads)
    error_message = "intake.sweep.unconfirmed_uploads is \"${var.intake.sweep.unconfirmed_uploads}\": use QUARANTINE or DELIVER."
  }

  validation {
    condition     = var.intake.sweep.settle_seconds >= 1 && var.intake.sweep.lookback_hours >= 1 && var.intake.sweep.lookback_hours * 3600 > var.intake.sweep.settle_seconds
    error_message = "intake.sweep needs settle_seconds and lookback_hours of at least 1, and a look back that is longer than the settling."
  }
}

variable "retry" {
  description = "Backoff of failed copies in seconds: base * 2^retries with jitter, at most `max_delay_seconds` (SQS delays by 900 s at the most)."
  type = object({
    base_delay_seconds = optional(number, 30)
    max_delay_seconds  = optional(number, 900)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.retry.base_delay_seconds >= 1 && var.retry.max_delay_seconds <= 900 && var.retry.base_delay_seconds <= var.retry.max_delay_seconds
    error_message = "retry needs 1 <= base_delay_seconds <= max_delay_seconds <= 900."
  }
}

variable "table_settings" {
  description = "Settings of the six tables. `status_retention_days` > 0 lets status items expire by TTL; 0 keeps them."
  type = object({
    name_prefix            = optional(string, "")
    point_in_time_recovery = optional(bool, true)
    deletion_protection    = optional(bool, true)
    status_retention_days  = optional(number, 0)
  })
  default  = {}
  nullable = false
}

variable "notifications" {
  description = "E-mail subscribers keyed by a static label; publish attempts before a notification counts as FAILED; how often a status change is tried before it goes to the unrecorded queue; how long the status stream gathers changes before it invokes the recorder."
  type = object({
    emails                  = optional(map(string), {})
    max_attempts            = optional(number, 5)
    stream_retry_attempts   = optional(number, 20)
    batching_window_seconds = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.notifications.stream_retry_attempts > var.notifications.max_attempts
    error_message = "notifications.stream_retry_attempts is ${var.notifications.stream_retry_attempts}: use more than notifications.max_attempts, or a topic that is down takes the audit record with it."
  }
}

variable "settings" {
  description = "Log level of the functions; log level of the machine (ALL, ERROR, FATAL) and whether it logs inputs and outputs; X-Ray; seconds a warm function remembers a workflow definition; messages per pipe batch. Bytes: files up to `copy_object_bytes` are copied by one CopyObject, up to `large_file_bytes` in parts of `part_bytes` by the copy function, above by the machine of file-transfer-large-files, above `max_copy_bytes` not at all. `add_ons`: which of the modules beside this one are there."
  type = object({
    log_level                  = optional(string, "INFO")
    machine_log_level          = optional(string, "ERROR")
    log_execution_data         = optional(bool, false)
    tracing                    = optional(bool, true)
    workflow_cache_seconds     = optional(number, 30)
    pipe_batch_size            = optional(number, 10)
    copy_object_bytes          = optional(number, 5368709120)
    part_bytes                 = optional(number, 268435456)
    large_file_bytes           = optional(number, 107374182400)
    max_copy_bytes             = optional(number, 107374182400)
    large_file_timeout_seconds = optional(number, 86400)
    connector_timeout_seconds  = optional(number, 7200)
    add_ons = optional(object({
      content_bucket = optional(string)
      connectors     = optional(bool, false)
      large_files    = optional(bool, false)
      notifications  = optional(bool, false)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.settings.max_copy_bytes > 0 && var.settings.max_copy_bytes <= (var.settings.add_ons.large_files ? 53687091200000 : var.settings.large_file_bytes)
    error_message = "settings.max_copy_bytes is ${var.settings.max_copy_bytes}: use at most settings.large_file_bytes (${var.settings.large_file_bytes}), or with the module file-transfer-large-files at most 53687091200000 (48.8 TiB, the largest object)."
  }

  validation {
    condition     = var.settings.copy_object_bytes > 0 && var.settings.copy_object_bytes <= 5368709120 && var.settings.copy_object_bytes <= var.settings.large_file_bytes
    error_message = "settings.copy_object_bytes is ${var.settings.copy_object_bytes}: use 1 to 5368709120 (5 GiB, the most that one CopyObject takes), and at most settings.large_file_bytes."
  }

  validation {
    condition     = var.settings.part_bytes >= 5242880 && var.settings.part_bytes <= 5368709120 && var.settings.part_bytes * 10000 >= var.settings.large_file_bytes
    error_message = "settings.part_bytes is ${var.settings.part_bytes}: S3 takes parts of 5242880 to 5368709120 bytes, and 10,000 of them have to hold settings.large_file_bytes."
  }

  validation {
    condition     = var.settings.pipe_batch_size >= 1 && var.settings.pipe_batch_size <= 10
    error_message = "settings.pipe_batch_size is ${var.settings.pipe_batch_size}: use 1 to 10."
  }
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
