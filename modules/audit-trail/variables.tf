variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9]([._-]?[A-Za-z0-9])+$", var.name)) && length(var.name) >= 3 && length(var.name) <= 128
    error_message = "name is \"${var.name}\": a trail takes 3 to 128 letters, digits, dots, hyphens and underscores, with a letter or digit at both ends and between any two others."
  }
}

variable "bucket" {
  description = "Bucket that is made for the log files. force_destroy lets terraform destroy delete it with the logs in it."
  type = object({
    name          = string
    force_destroy = optional(bool, false)
  })
  nullable = false
}

variable "data_events" {
  description = "Tables and functions whose every read, write and invocation is recorded too, by ARN under a name of the caller's choice (a static string). Billed by the event."
  type = object({
    table_arns    = optional(map(string), {})
    function_arns = optional(map(string), {})
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for arn in values(var.data_events.table_arns) : can(regex(":dynamodb:[^:]*:[^:]*:table/[^/]+$", arn))])
    error_message = "data_events.table_arns: no table in ${join(", ", [
      for key, arn in var.data_events.table_arns : key if !can(regex(":dynamodb:[^:]*:[^:]*:table/[^/]+$", arn))
    ])}: pass the table's arn, without an index or a stream."
  }

  validation {
    condition = alltrue([for arn in values(var.data_events.function_arns) : can(regex(":lambda:[^:]*:[^:]*:function:[^:]+$", arn))])
    error_message = "data_events.function_arns: no function in ${join(", ", [
      for key, arn in var.data_events.function_arns : key if !can(regex(":lambda:[^:]*:[^:]*:function:[^:]+$", arn))
    ])}: pass the function's arn, without a version."
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
