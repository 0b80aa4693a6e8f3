variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name must be 2 to 30 characters of a-z, 0-9 and '-', starting with a letter."
  }
}

variable "landing" {
  description = "Bucket where files arrive. `sftp_prefix`: every SFTP home lies below it, and its keys are announced by the server's own events. `source_prefixes`: prefixes that a target may never write into (loop guard)."
  type = object({
    bucket_name     = string
    sftp_prefix     = optional(string, "from-sftp/")
    source_prefixes = optional(list(string), ["from-sftp/", "from-s3/"])
    force_destroy   = optional(bool, false)
    lifecycle_rules = optional(object({
      abort_multipart_days = optional(number, 7)
      noncurrent_days      = optional(number, 90)
    }))
  })
  nullable = false

  validation {
    condition     = alltrue([for prefix in concat([var.landing.sftp_prefix], var.landing.source_prefixes) : endswith(prefix, "/") && !startswith(prefix, "/")])
    error_message = "landing.sftp_prefix and each of landing.source_prefixes must end with '/' and must not start with it."
  }

  validation {
    condition     = contains(var.landing.source_prefixes, var.landing.sftp_prefix)
    error_message = "landing.source_prefixes must contain landing.sftp_prefix, or a target could write into it and loop."
  }
}

variable "targets" {
  description = "Buckets that workflows may write to, keyed by a static alias. `S3`: named s3://<bucket>/ in a workflow. `SFTP`: named sftp://<alias>/; the bucket and prefix behind a Transfer server. The copy function may write nowhere else."
  type = map(object({
    type   = string
    bucket = string
    prefix = optional(string, "")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for alias, target in var.targets : contains(["S3", "SFTP"], target.type)])
    error_message = "targets[*].type must be \"S3\" or \"SFTP\"."
  }

  validation {
    condition     = alltrue([for alias, target in var.targets : target.prefix == "" || (endswith(target.prefix, "/") && !startswith(target.prefix, "/"))])
    error_message = "targets[*].prefix must be empty, or end with '/' and not start with it."
  }
}

variable "sftp" {
  description = "The SFTP server: its security policy (key exchanges, ciphers, MACs), and its users keyed by user name with home bucket and prefix, access (read-write, read-only, write-only) and SSH public keys keyed by a static label. With `identity_provider_function_arn` (module file-transfer-identity) a function answers who may log in instead, and `users` is empty."
  type = object({
    security_policy_name           = optional(string, "TransferSecurityPolicy-2025-03")
    identity_provider_function_arn = optional(string)
    users = optional(map(object({
      home = object({
        bucket      = string
        prefix      = optional(string, "")
        kms_key_arn = optional(string)
      })
      access          = optional(string, "read-write")
      ssh_public_keys = optional(map(string), {})
    })), {})
  })
  default  = {}
  nullable = false
}

variable "workflows" {
  description = "Workflow definitions that ship with the stack, keyed by workflow id. The attributes are those of the WorkflowDefinition item (schemas/workflow-definition.schema.json). Others may be put into the table at any time, without a deploy. `sections`: rules, processing, notifications, expectations, pull and sftpUser as JSON texts (jsonencode)."
  type = map(object({
    sourceType   = string
    targetType   = string
    sourcePrefix = string
    customerId   = optional(string)
    targets = map(object({
      type        = string
      uri         = string
      pathPattern = optional(string)
      overwrite   = optional(string, "newest-wins")
    }))
    validationRegex = optional(string)
    maxRetries      = optional(number, 3)
    enabled         = optional(bool, true)
    allowEmptyFiles = optional(bool, false)
    notify          = optional(list(string))
    sftpUserName    = optional(string)
    sections        = optional(map(string), {})
    tags            = optional(map(string), {})
    version         = optional(number, 1)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for id, workflow in var.workflows : can(regex("^[a-z0-9][a-z0-9-]{0,62}$", id))])
    error_message = "Each key of workflows is a workflow id of 1 to 63 characters: a-z, 0-9 and '-'."
  }

  validation {
    condition     = alltrue([for id, workflow in var.workflows : endswith(workflow.sourcePrefix, "/") && !startswith(workflow.sourcePrefix, "/")])
    error_message = "workflows[*].sourcePrefix must end with '/' and must not start with it."
  }

  validation {
    condition     = alltrue(flatten([for id, workflow in var.workflows : [for key, target in workflow.targets : startswith(target.uri, lookup({ S3 = "s3://", SFTP = "sftp://", CONNECTOR = "sftp-connector://" }, target.type, "-"))]]))
    error_message = "workflows[*].targets[*].uri must start with s3:// for type S3, with sftp:// for type SFTP and with sftp-connector:// for type CONNECTOR."
  }

  validation {
    condition     = alltrue(flatten([for id, workflow in var.workflows : [for section, text in workflow.sections : contains(["rules", "processing", "notifications", "expectations", "pull", "sftpUser"], section) && can(jsondecode(text))]]))
    error_message = "workflows[*].sections may hold rules, processing, notifications, expectations, pull and sftpUser, each as JSON text: use jsonencode."
  }
}

variable "alarm_thresholds" {
  description = "Values above which the alarms fire. `failed_transfers`: transfers that ended FAILED within five minutes; `unfinished_seconds`: age of the oldest transfer that has not ended, the SLA."
  type = object({
    function_errors    = optional(number, 0)
    executions_failed  = optional(number, 0)
    queue_age_seconds  = optional(number, 900)
    manual_review      = optional(number, 0)
    failed_transfers   = optional(number, 10)
    unfinished_seconds = optional(number, 3600)
  })
  default  = {}
  nullable = false
}
