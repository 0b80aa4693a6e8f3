variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": a function and its role take 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "description" {
  description = "What the module's main resource is for, in the operator's words."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.description) <= 256
    error_message = "description has ${length(var.description)} characters: Lambda takes at most 256."
  }
}

variable "environment" {
  description = "Environment variables of the function. No secrets: pass the ARN of a secret instead."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key in keys(var.environment) : can(regex("^[A-Za-z][A-Za-z0-9_]+$", key)) && !startswith(key, "AWS_")
    ])
    error_message = "environment has a key Lambda refuses (${join(", ", [
      for key in keys(var.environment) : key
      if !can(regex("^[A-Za-z][A-Za-z0-9_]+$", key)) || startswith(key, "AWS_")
    ])}): start with a letter, use letters, digits and underscores, and leave the prefix AWS_ to Lambda."
  }
}

variable "policy" {
  description = "JSON policy document of what the role may do besides what the module grants it by itself (its logs, its sources); null adds nothing."
  type        = string
  default     = null

  validation {
    condition     = var.policy == null || can(jsondecode(var.policy).Statement)
    error_message = "policy is not a JSON policy document with a Statement: build it with jsonencode."
  }
}

variable "reserved_concurrent_executions" {
  description = "Concurrency set aside for, and the ceiling of, this function; -1 shares the account's."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrent_executions >= -1
    error_message = "reserved_concurrent_executions is ${var.reserved_concurrent_executions}: use -1 (shared), 0 (stopped) or a positive number."
  }
}

variable "tracing" {
  description = "Send AWS X-Ray traces."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_levels" {
  description = "Lowest levels kept: application is the handler's own (LOG_LEVEL cannot go below it), system is the Lambda platform's."
  type = object({
    application_level = optional(string, "INFO")
    system_level      = optional(string, "WARN")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], var.log_levels.application_level)
    error_message = "log_levels.application_level is \"${var.log_levels.application_level}\": use TRACE, DEBUG, INFO, WARN, ERROR or FATAL."
  }

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN"], var.log_levels.system_level)
    error_message = "log_levels.system_level is \"${var.log_levels.system_level}\": use DEBUG, INFO or WARN."
  }
}

variable "dead_letter" {
  description = "Queue for asynchronous invocations that failed for good, and the key it is encrypted with if it is customer managed; null keeps none."
  type = object({
    queue_arn   = string
    kms_key_arn = optional(string)
  })
  default = null
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
