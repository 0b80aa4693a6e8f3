variable "schedule_expression" {
  description = "When the function runs: rate(…) or cron(…), in UTC."
  type        = string
  default     = "rate(1 minute)"
  nullable    = false
}

variable "connector_settings" {
  description = <<-EOT
    `max_pending`: files that a connector is given at once (AWS takes 1,000). Seconds: `look_seconds` after a start, and as
    often again, the connector is asked if no event came; `unconfirmed_seconds` after a start without answer it is given up;
    `timeout_seconds` after a start nobody waits any longer (less than connector_timeout_seconds of file-transfer).
    `memory_days`: how long fetched files and sent paths are remembered. `function_timeout_seconds` must be no more than
    `visibility_timeout_seconds` of the events' queue and than that of the orders' queue. `login_recovery_days`: how long the
    secret of a connector that was removed can be restored; 0 deletes it at once.
  EOT
  type = object({
    log_level                  = optional(string, "INFO")
    tracing                    = optional(bool, true)
    max_pending                = optional(number, 900)
    look_seconds               = optional(number, 300)
    unconfirmed_seconds        = optional(number, 600)
    timeout_seconds            = optional(number, 6600)
    memory_days                = optional(number, 90)
    function_timeout_seconds   = optional(number, 300)
    visibility_timeout_seconds = optional(number, 900)
    max_receive_count          = optional(number, 10)
    login_recovery_days        = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.connector_settings.max_pending >= 10 && var.connector_settings.max_pending <= 1000
    error_message = "connector_settings.max_pending is ${var.connector_settings.max_pending}: use 10 (one StartFileTransfer) to 1000 (the quota of a connector)."
  }

  validation {
    condition     = var.connector_settings.timeout_seconds > var.connector_settings.unconfirmed_seconds
    error_message = "connector_settings.timeout_seconds is ${var.connector_settings.timeout_seconds}: use more than unconfirmed_seconds (${var.connector_settings.unconfirmed_seconds})."
  }

  validation {
    condition     = var.connector_settings.function_timeout_seconds <= var.connector_settings.visibility_timeout_seconds && var.connector_settings.function_timeout_seconds <= 900
    error_message = "connector_settings.function_timeout_seconds is ${var.connector_settings.function_timeout_seconds}: use at most visibility_timeout_seconds (${var.connector_settings.visibility_timeout_seconds}), and at most 900."
  }

  validation {
    condition     = var.connector_settings.memory_days >= 1
    error_message = "connector_settings.memory_days is ${var.connector_settings.memory_days}: what is forgotten is fetched again."
  }

  validation {
    condition     = var.connector_settings.login_recovery_days == 0 || (var.connector_settings.login_recovery_days >= 7 && var.connector_settings.login_recovery_days <= 30)
    error_message = "connector_settings.login_recovery_days is ${var.connector_settings.login_recovery_days}: Secrets Manager takes 0 or 7 to 30."
  }
}

variable "connector_alarms" {
  description = "Values above which the alarms fire, counted over five minutes: invocations of a function that failed, deliveries that failed, files that could not be fetched or taken away."
  type = object({
    function_errors = optional(number, 0)
    failed_sends    = optional(number, 0)
    failed_pulls    = optional(number, 3)
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
