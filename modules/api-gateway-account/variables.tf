variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": a role takes 1 to 64 letters, digits, hyphens and underscores."
  }
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
