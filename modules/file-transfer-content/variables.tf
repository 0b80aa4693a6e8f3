variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name must be 2 to 30 characters of a-z, 0-9 and '-', starting with a letter."
  }
}

variable "file_transfer" {
  description = "The system that the module adds to: the output `system` of file-transfer."
  type = object({
    landing_bucket = object({ arn = string })
    table_names    = map(string)
    table_arns     = map(string)
    queue          = object({ url = string, arn = string })
    layer_arn      = string
  })
  nullable = false
}

variable "work_bucket" {
  description = "Bucket of the module, for what is made of files on their way: its name (`settings.add_ons.content_bucket` of file-transfer), whether terraform destroy deletes it with its objects, and the days it keeps them (0: all of them, and no clearing up, for a test environment). What is older cannot be replayed without being prepared anew, and a member of an archive not at all."
  type = object({
    name          = string
    force_destroy = optional(bool, false)
    keep_days     = optional(number, 30)
  })
  nullable = false

  validation {
    condition     = var.work_bucket.keep_days >= 0
    error_message = "work_bucket.keep_days is ${var.work_bucket.keep_days}: use 0, or more than the longest time in which a transfer is retried."
  }
}

variable "secret_arns" {
  description = "Secrets, by a static label, that workflows may name: OpenPGP keys to decrypt with, certificates to verify with or encrypt to. An ARN may end in `*`. The function may read these and no others."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.secret_arns) : can(regex("^arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:.+$", arn))])
    error_message = "secret_arns: no ARN of a secret at ${join(", ", [for key, arn in var.secret_arns : key if !can(regex("^arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:.+$", arn))])}."
  }
}

variable "preparation" {
  description = "Seconds that one file may take (at most 240, since the machine has 290 for everything). MB of /tmp: a file that is opened may have a bit less than half of them, and so may what comes out of it. Seconds until a file of a group that has become complete is looked at again."
  type = object({
    timeout_seconds       = optional(number, 240)
    ephemeral_storage_mb  = optional(number, 4096)
    release_delay_seconds = optional(number, 5)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.preparation.timeout_seconds >= 1 && var.preparation.timeout_seconds <= 240
    error_message = "preparation.timeout_seconds is ${var.preparation.timeout_seconds}: use 1 to 240."
  }

  validation {
    condition     = var.preparation.release_delay_seconds >= 0 && var.preparation.release_delay_seconds <= 900
    error_message = "preparation.release_delay_seconds is ${var.preparation.release_delay_seconds}: SQS delays a message by 0 to 900 seconds."
  }

  validation {
    condition     = var.preparation.ephemeral_storage_mb >= 512 && var.preparation.ephemeral_storage_mb <= 10240
    error_message = "preparation.ephemeral_storage_mb is ${var.preparation.ephemeral_storage_mb}: Lambda takes 512 to 10240."
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

variable "content_layer" {
  description = "Package of the layer that opens files and checks passwords, in the same two forms as `package`."
  type = object({
    filename          = optional(string)
    source_code_hash  = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
  })
  nullable = false

  validation {
    condition     = (var.content_layer.filename == null) != (var.content_layer.s3_bucket == null || var.content_layer.s3_key == null)
    error_message = "content_layer takes either filename, or s3_bucket and s3_key."
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

variable "tracing" {
  description = "Send AWS X-Ray traces."
  type        = bool
  default     = false
  nullable    = false
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
