variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": a rule takes 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "description" {
  description = "What the module's main resource is for, in the operator's words."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.description) <= 512
    error_message = "description has ${length(var.description)} characters: EventBridge takes at most 512."
  }
}

variable "schedule_expression" {
  description = "When the function runs: rate(…) or cron(…), in UTC."
  type        = string
  nullable    = false

  validation {
    condition = (
      can(regex("^rate\\(1 (minute|hour|day)\\)$", var.schedule_expression)) ||
      can(regex("^rate\\(([2-9]|[1-9][0-9]+) (minutes|hours|days)\\)$", var.schedule_expression)) ||
      can(regex("^cron\\(([^ ]+ ){5}[^ ]+\\)$", var.schedule_expression))
    )
    error_message = "schedule_expression is \"${var.schedule_expression}\": use rate(1 minute), rate(5 minutes) (plural above 1) or cron with six fields, as in cron(0 8 * * ? *)."
  }
}

variable "enabled" {
  description = "Whether the schedule runs."
  type        = bool
  default     = true
  nullable    = false
}

variable "function_arn" {
  description = "ARN of the Lambda function that is invoked."
  type        = string
  nullable    = false
}

variable "function_name" {
  description = "Name of the same function, whose policy admits the rule."
  type        = string
  nullable    = false
}

variable "input" {
  description = "JSON text the function gets instead of the event; null passes the event."
  type        = string
  default     = null

  validation {
    condition     = var.input == null || can(jsondecode(var.input))
    error_message = "input is no JSON: build it with jsonencode."
  }
}

variable "retries" {
  description = "How long and how often EventBridge tries to hand a tick over before it goes to the dead-letter queue."
  type = object({
    maximum_event_age_in_seconds = optional(number, 60)
    maximum_retry_attempts       = optional(number, 2)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.retries.maximum_event_age_in_seconds >= 60 && var.retries.maximum_event_age_in_seconds <= 86400
    error_message = "retries.maximum_event_age_in_seconds is ${var.retries.maximum_event_age_in_seconds}: EventBridge takes 60 to 86400."
  }

  validation {
    condition     = var.retries.maximum_retry_attempts >= 0 && var.retries.maximum_retry_attempts <= 185
    error_message = "retries.maximum_retry_attempts is ${var.retries.maximum_retry_attempts}: EventBridge takes 0 to 185."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer managed KMS key that encrypts what the module stores; null leaves it to the service's own encryption."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags put on every resource of the module that can carry them."
  type        = map(string)
  default     = {}
  nullable    = false
}
