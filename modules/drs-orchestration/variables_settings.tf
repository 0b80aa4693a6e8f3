variable "definition_template" {
  description = "Text of the system's state machine (asl/<machine>.asl.json) with its placeholders; the module renders it."
  type        = string
  nullable    = false

  validation {
    condition     = strcontains(var.definition_template, "StartAt")
    error_message = "definition_template must be the text of asl/drs_recovery.asl.json: pass file(\"…/asl/drs_recovery.asl.json\")."
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

variable "records" {
  description = "Settings of the three tables. `retention_days` > 0 lets an execution's records expire by TTL that long after it ended; 0 keeps them."
  type = object({
    name_prefix            = optional(string, "")
    point_in_time_recovery = optional(bool, true)
    deletion_protection    = optional(bool, true)
    retention_days         = optional(number, 0)
  })
  default  = {}
  nullable = false
}

variable "orchestration" {
  description = <<-EOT
    heartbeat_seconds: silence of the poller after which the machine asks DRS itself. cancel_limit_seconds: how long a cancelled
    execution waits for its running jobs. intent_grace_seconds: how long a launch whose answer was lost is looked for before it
    is sent again. quick_poll_seconds: when the poller looks again at a job about to end. wake_window_seconds: how long launch
    events are gathered. schedule_expression: how often every execution is looked at. notification_emails: subscribers by a
    static label. log_level, machine_log_level (ALL, ERROR, FATAL), tracing: what is logged and traced.
  EOT
  type = object({
    heartbeat_seconds    = optional(number, 900)
    cancel_limit_seconds = optional(number, 86400)
    intent_grace_seconds = optional(number, 60)
    quick_poll_seconds   = optional(number, 1)
    wake_window_seconds  = optional(number, 1)
    schedule_expression  = optional(string, "rate(1 minute)")
    notification_emails  = optional(map(string), {})
    log_level            = optional(string, "INFO")
    machine_log_level    = optional(string, "ERROR")
    tracing              = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.orchestration.heartbeat_seconds >= 10 && var.orchestration.heartbeat_seconds < var.orchestration.cancel_limit_seconds
    error_message = "orchestration.heartbeat_seconds is ${var.orchestration.heartbeat_seconds}: use at least 10 and less than orchestration.cancel_limit_seconds."
  }

  validation {
    condition     = var.orchestration.quick_poll_seconds >= 1 && var.orchestration.quick_poll_seconds <= 60
    error_message = "orchestration.quick_poll_seconds is ${var.orchestration.quick_poll_seconds}: use 1 to 60."
  }
}

variable "alarm_limits" {
  description = "Values above which the alarms of the system fire."
  type = object({
    function_errors = optional(number, 0)
    describe_errors = optional(number, 5)
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
