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
  description = "What the function does, in the operator's words."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.description) <= 256
    error_message = "description has ${length(var.description)} characters: Lambda takes at most 256."
  }
}

variable "handler" {
  description = "Entry point as package.module.function."
  type        = string
  nullable    = false
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

variable "layers" {
  description = "ARNs of the layer versions below the function's own code, first one first."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.layers) <= 5
    error_message = "layers lists ${length(var.layers)} layers: Lambda takes at most 5."
  }
}

variable "runtime" {
  description = "Lambda runtime identifier."
  type        = string
  default     = "python3.13"
  nullable    = false
}

variable "architecture" {
  description = "Instruction set: arm64 (cheaper) or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is \"${var.architecture}\": use arm64 or x86_64."
  }
}

variable "memory_size" {
  description = "Memory in MiB; CPU grows with it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240
    error_message = "memory_size is ${var.memory_size}: Lambda takes 128 to 10240 MiB."
  }
}

variable "timeout" {
  description = "Seconds one invocation may take."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900
    error_message = "timeout is ${var.timeout}: Lambda takes 1 to 900 seconds."
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

variable "logging" {
  description = "Lowest levels kept: application is the handler's own (LOG_LEVEL cannot go below it), system is the Lambda platform's."
  type = object({
    application_level = optional(string, "INFO")
    system_level      = optional(string, "WARN")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], var.logging.application_level)
    error_message = "logging.application_level is \"${var.logging.application_level}\": use TRACE, DEBUG, INFO, WARN, ERROR or FATAL."
  }

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN"], var.logging.system_level)
    error_message = "logging.system_level is \"${var.logging.system_level}\": use DEBUG, INFO or WARN."
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
