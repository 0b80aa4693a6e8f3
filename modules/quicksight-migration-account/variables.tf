variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": a role takes 1 to 64 letters, digits and +=,.@_-."
  }
}

variable "side" {
  description = "Which end of migrations the account is: SOURCE (assets are read and exported) or TARGET (assets are imported, backed up and, on a restore, deleted). An account that is both calls the module twice."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["SOURCE", "TARGET"], var.side)
    error_message = "side is \"${var.side}\": use SOURCE or TARGET."
  }
}

variable "external_id" {
  description = "Shared word without which nobody assumes the role, so that a migration system of somebody else cannot be talked into using it. No secret in the sense of a password, but hard to guess."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.external_id) >= 16 && length(var.external_id) <= 1224 && can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id))
    error_message = "external_id must be 16 to 1224 letters, digits and _+=,.@:/- characters; STS takes shorter ones, which are guessed."
  }
}

variable "trusted_role_arns" {
  description = "ARNs of the roles that may assume this one, each in full: the workers of the migration system (its outputs source_worker_role_arns and target_worker_role_arns)."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.trusted_role_arns) > 0 && alltrue([for arn in var.trusted_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "trusted_role_arns takes one or more ARNs of roles without wildcards: an account or a user would let in more than the workers."
  }
}

variable "organization_id" {
  description = "Id of the AWS organisation that the trusted roles must belong to; null asks for none."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null ? true : can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id is \"${coalesce(var.organization_id, "?")}\": an organisation's id looks like o-a1b2c3d4e5."
  }
}

variable "quicksight" {
  description = <<-EOT
    Where the account's QuickSight is. region: Region of the assets. identity_region: Region of users and groups, where it is
    another one. namespace: whose users and groups may be given permissions. data_role_arns: roles, by a static label, that
    imported data sources and VPC connections may be given (overrides with a RoleArn); without any, none can.
  EOT
  type = object({
    region          = string
    identity_region = optional(string)
    namespace       = optional(string, "default")
    data_role_arns  = optional(map(string), {})
  })
  nullable = false

  validation {
    condition     = alltrue([for region in compact([var.quicksight.region, var.quicksight.identity_region]) : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "quicksight.region and quicksight.identity_region take Regions such as eu-central-1."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.quicksight.namespace))
    error_message = "quicksight.namespace is \"${var.quicksight.namespace}\": QuickSight takes 1 to 64 letters, digits, dots, hyphens and underscores."
  }

  validation {
    condition     = alltrue([for arn in values(var.quicksight.data_role_arns) : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "quicksight.data_role_arns takes ARNs of roles without wildcards."
  }
}

variable "staging_bucket" {
  description = <<-EOT
    Bucket of the target account that bundles are imported from: QuickSight takes them from a bucket of its own account. Objects
    and their earlier versions expire after expiration_days, the time that QuickSight remembers a job. Null in a source account.
  EOT
  type = object({
    name            = string
    kms_key_arn     = optional(string)
    expiration_days = optional(number, 14)
    force_destroy   = optional(bool, false)
  })
  default = null

  validation {
    condition     = (var.side == "TARGET") == (var.staging_bucket != null)
    error_message = "staging_bucket goes with side TARGET and only with it: nothing is imported into a source account."
  }

  validation {
    condition     = var.staging_bucket == null ? true : var.staging_bucket.expiration_days >= 1
    error_message = "staging_bucket.expiration_days is ${try(var.staging_bucket.expiration_days, "?")}: use 1 or more."
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
