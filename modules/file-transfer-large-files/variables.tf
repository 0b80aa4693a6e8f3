variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name must be 2 to 30 characters of a-z, 0-9 and '-', starting with a letter."
  }
}

variable "definition_template" {
  description = "Text of the system's state machine (asl/<machine>.asl.json) with its placeholders; the module renders it."
  type        = string
  nullable    = false

  validation {
    condition     = strcontains(var.definition_template, "StartAt")
    error_message = "definition_template must be the text of asl/file_transfer.asl.json: pass file(\"…/asl/file_transfer.asl.json\")."
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

variable "file_transfer" {
  description = "The system that the module adds to: the output `system` of file-transfer."
  type = object({
    landing_bucket  = object({ name = string, arn = string })
    source_prefixes = list(string)
    limits          = object({ max_copy_bytes = number })
    targets         = object({ objects = list(string), buckets = list(string) })
    table_names     = map(string)
    table_arns      = map(string)
    queue           = object({ url = string, arn = string })
    layer_arn       = string
  })
  nullable = false
}

variable "content_bucket_arn" {
  description = "ARN of the bucket where file-transfer-content keeps what it prepared, for workflows that send that; null if there is none."
  type        = string
  default     = null
}

variable "large_files" {
  description = <<-EOT
    `part_bytes`: size of a part (more where 10,000 parts would not hold the file); `batch_parts`: parts that one invocation
    copies; `batches_at_once`: invocations at work on one file; `copy_timeout_seconds`: what one may take;
    `timeout_seconds`: what a whole copy may take (less than settings.large_file_timeout_seconds of file-transfer);
    `upload_days`: how long an upload is remembered that a later attempt may go on with (as long as the targets' buckets keep
    unfinished uploads). Log levels, execution data in the machine's log, X-Ray.
  EOT
  type = object({
    part_bytes           = optional(number, 268435456)
    batch_parts          = optional(number, 100)
    batches_at_once      = optional(number, 8)
    copy_timeout_seconds = optional(number, 900)
    timeout_seconds      = optional(number, 82800)
    upload_days          = optional(number, 7)
    log_level            = optional(string, "INFO")
    machine_log_level    = optional(string, "ERROR")
    log_execution_data   = optional(bool, false)
    tracing              = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.large_files.part_bytes >= 5242880 && var.large_files.part_bytes <= 5368709120
    error_message = "large_files.part_bytes is ${var.large_files.part_bytes}: S3 takes parts of 5242880 (5 MiB) to 5368709120 (5 GiB) bytes."
  }

  validation {
    condition     = var.large_files.batch_parts >= 1 && var.large_files.batch_parts <= 1000
    error_message = "large_files.batch_parts is ${var.large_files.batch_parts}: use 1 to 1000."
  }

  validation {
    condition     = var.large_files.batches_at_once >= 1 && var.large_files.batches_at_once <= 40
    error_message = "large_files.batches_at_once is ${var.large_files.batches_at_once}: use 1 to 40 (iterations that Step Functions runs side by side in one execution)."
  }

  validation {
    condition     = var.large_files.copy_timeout_seconds >= 30 && var.large_files.copy_timeout_seconds <= 900
    error_message = "large_files.copy_timeout_seconds is ${var.large_files.copy_timeout_seconds}: use 30 to 900, the longest that Lambda runs."
  }

  validation {
    condition     = var.large_files.timeout_seconds > var.large_files.copy_timeout_seconds
    error_message = "large_files.timeout_seconds is ${var.large_files.timeout_seconds}: use more than copy_timeout_seconds (${var.large_files.copy_timeout_seconds})."
  }

  validation {
    condition     = var.large_files.upload_days >= 1
    error_message = "large_files.upload_days is ${var.large_files.upload_days}: use 1 or more."
  }
}

variable "large_file_alarms" {
  description = "Values above which the alarms fire: failed invocations of a function, and executions that ended without reporting an outcome."
  type = object({
    function_errors  = optional(number, 5)
    executions_ended = optional(number, 0)
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
