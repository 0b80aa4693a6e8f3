variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name must be 2 to 30 characters of a-z, 0-9 and '-', starting with a letter: that of the file-transfer system."
  }
}

variable "file_transfer" {
  description = "The system that the module adds to: the output `system` of file-transfer."
  type = object({
    table_names = map(string)
    table_arns  = map(string)
    index_arns  = map(map(string))
    notification_queue = object({
      url             = string
      arn             = string
      dead_letter_url = string
      dead_letter_arn = string
    })
    topic_arn = string
    layer_arn = string
  })
  nullable = false

  validation {
    condition     = var.file_transfer.notification_queue != null
    error_message = "file_transfer.notification_queue is null: switch settings.add_ons.notifications of file-transfer on, or nothing is ever ordered."
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

variable "channel_access" {
  description = "What definitions may name: secrets with signing keys and URLs of channels (ARNs, which may end in `*`), the keys they are encrypted with if those are customer managed, and topics besides the system's own. Static lists: the module's policies hold them."
  type = object({
    secret_arns         = optional(list(string), [])
    secret_kms_key_arns = optional(list(string), [])
    topic_arns          = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for arn in var.channel_access.secret_arns : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+\\*?$", arn))])
    error_message = "channel_access.secret_arns has something else than ARNs of secrets: name each, or a common beginning and `*`."
  }

  validation {
    condition     = alltrue([for arn in var.channel_access.topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "channel_access.topic_arns has something else than ARNs of standard topics."
  }
}

variable "delivery" {
  description = "How channels are told: tries before a notification is FAILED, seconds between them (doubled each time, up to the maximum), seconds that a receiver has, the function's own limit, orders of a batch, batches at a time (receivers are small: a flood of failures is not to be theirs), and networks (CIDR) that channels may lie in although they are not public. The function's limit is less than the visibility timeout of the core's queues."
  type = object({
    max_attempts             = optional(number, 8)
    retry_base_seconds       = optional(number, 30)
    retry_max_seconds        = optional(number, 3600)
    request_seconds          = optional(number, 10)
    function_timeout_seconds = optional(number, 60)
    batch_size               = optional(number, 5)
    maximum_concurrency      = optional(number, 5)
    allowed_networks         = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.delivery.max_attempts >= 1 && var.delivery.max_attempts <= 100
    error_message = "delivery.max_attempts is ${var.delivery.max_attempts}: use 1 to 100; the queue gives an order up after 200 receives."
  }

  validation {
    condition     = var.delivery.retry_base_seconds >= 1 && var.delivery.retry_base_seconds <= var.delivery.retry_max_seconds && var.delivery.retry_max_seconds <= 36000
    error_message = "delivery needs 1 <= retry_base_seconds <= retry_max_seconds <= 36000: SQS hides a message for 12 hours at the most."
  }

  validation {
    condition     = var.delivery.request_seconds >= 1 && var.delivery.function_timeout_seconds >= var.delivery.request_seconds + 5 && var.delivery.function_timeout_seconds <= 900
    error_message = "delivery.function_timeout_seconds is ${var.delivery.function_timeout_seconds}: use at least request_seconds + 5, for what comes before and after the request, and at most 900."
  }

  validation {
    condition     = var.delivery.batch_size >= 1 && var.delivery.batch_size <= 10
    error_message = "delivery.batch_size is ${var.delivery.batch_size}: use 1 to 10."
  }

  validation {
    condition     = var.delivery.maximum_concurrency >= 2 && var.delivery.maximum_concurrency <= 1000
    error_message = "delivery.maximum_concurrency is ${var.delivery.maximum_concurrency}: use 2 to 1000, which is what Lambda takes for a queue."
  }

  validation {
    condition     = alltrue([for network in var.delivery.allowed_networks : can(cidrhost(network, 0)) && !endswith(network, "/0")])
    error_message = "delivery.allowed_networks has something else than CIDR blocks, or one that allows everything."
  }
}

variable "schedules" {
  description = "When digests are sent and expectations are checked; seconds that records may trail what happened before a digest is closed or a file counts as late; days that windows of expectations are kept after they were due."
  type = object({
    digests        = optional(string, "rate(5 minutes)")
    expectations   = optional(string, "rate(5 minutes)")
    grace_seconds  = optional(number, 120)
    retention_days = optional(number, 400)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.schedules.grace_seconds >= 1 && var.schedules.grace_seconds <= 3600
    error_message = "schedules.grace_seconds is ${var.schedules.grace_seconds}: use 1 to 3600."
  }

  validation {
    condition     = var.schedules.retention_days >= 30
    error_message = "schedules.retention_days is ${var.schedules.retention_days}: use 30 or more, or incidents are gone before anybody asks."
  }
}

variable "log_level" {
  description = "Lowest level that the functions log."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level is \"${var.log_level}\": use DEBUG, INFO, WARNING or ERROR."
  }
}

variable "tracing" {
  description = "Send AWS X-Ray traces."
  type        = bool
  default     = true
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
