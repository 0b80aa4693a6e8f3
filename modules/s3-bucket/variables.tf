variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": a bucket takes 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends."
  }
}

variable "force_destroy" {
  description = "Let terraform destroy delete the bucket with the objects in it."
  type        = bool
  default     = false
  nullable    = false
}

variable "versioning" {
  description = "Keep earlier versions of objects; false suspends it."
  type        = bool
  default     = true
  nullable    = false
}

variable "eventbridge_notifications" {
  description = "Send the bucket's events to the default event bus."
  type        = bool
  default     = false
  nullable    = false
}

variable "lifecycle_rules" {
  description = "Clean-up: days after which unfinished multipart uploads are aborted, objects expire (null keeps them), and noncurrent versions expire (null keeps them); null sets no rules at all."
  type = object({
    abort_multipart_days = optional(number, 7)
    expiration_days      = optional(number)
    noncurrent_days      = optional(number)
  })
  default = null

  validation {
    condition     = var.lifecycle_rules == null ? true : var.lifecycle_rules.abort_multipart_days >= 1
    error_message = "lifecycle_rules.abort_multipart_days is ${try(var.lifecycle_rules.abort_multipart_days, "?")}: use 1 or more."
  }

  validation {
    condition     = try(var.lifecycle_rules.expiration_days, null) == null ? true : var.lifecycle_rules.expiration_days >= 1
    error_message = "lifecycle_rules.expiration_days is ${coalesce(try(var.lifecycle_rules.expiration_days, null), 0)}: use 1 or more."
  }

  validation {
    condition = try(var.lifecycle_rules.noncurrent_days, null) == null ? true : (
      var.lifecycle_rules.noncurrent_days >= 1 && var.versioning
    )
    error_message = "lifecycle_rules.noncurrent_days needs versioning = true and at least 1 day: without versions nothing becomes noncurrent."
  }
}

variable "object_lock" {
  description = "Locks every new object for `days`: GOVERNANCE lets whoever has s3:BypassGovernanceRetention delete it earlier, COMPLIANCE nobody, not even the account's root. It can only be chosen when the bucket is made; null locks nothing."
  type = object({
    mode = string
    days = number
  })
  default = null

  validation {
    condition     = var.object_lock == null ? true : contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock.mode)
    error_message = "object_lock.mode is \"${try(var.object_lock.mode, "?")}\": use GOVERNANCE or COMPLIANCE."
  }

  validation {
    condition     = var.object_lock == null ? true : var.object_lock.days >= 1 && var.object_lock.days <= 36500 && var.versioning
    error_message = "object_lock needs 1 to 36500 days and versioning = true: what is locked is a version."
  }
}

variable "bucket_policy" {
  description = "JSON policy document whose statements stand in the bucket's policy beside the refusal of plain HTTP, as for a service that writes to it; null adds none."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_policy == null || can(jsondecode(var.bucket_policy).Statement)
    error_message = "bucket_policy is not a JSON policy document with a Statement: build it with jsonencode."
  }
}

variable "managed_key" {
  description = "Encrypt with the account's own key aws/s3 where kms_key_arn names none, so that KMS is asked too; false leaves it to the keys of S3."
  type        = bool
  default     = false
  nullable    = false
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
