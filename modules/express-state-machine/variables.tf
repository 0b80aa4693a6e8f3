variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,59}$", var.name))
    error_message = "name is \"${var.name}\": use 1 to 59 letters, digits, hyphens and underscores (the role of the pipe is name-pipe, and a role name ends at 64)."
  }
}

variable "definition" {
  description = "Amazon States Language of the machine as JSON text, placeholders already rendered."
  type        = string
  nullable    = false
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

variable "logging" {
  description = "What the machine logs: level ALL, ERROR or FATAL (OFF is not offered: a failure must leave a trace), and whether inputs and outputs are in it."
  type = object({
    level                  = optional(string, "ERROR")
    include_execution_data = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["ALL", "ERROR", "FATAL"], var.logging.level)
    error_message = "logging.level is \"${var.logging.level}\": use ALL, ERROR or FATAL."
  }
}

variable "tracing" {
  description = "Send AWS X-Ray traces."
  type        = bool
  default     = false
  nullable    = false
}

variable "pipe" {
  description = <<-EOT
    Queue that feeds the machine through an EventBridge pipe; null makes no pipe. The machine gets an array of at most
    batch_size SQS records and answers with batchItemFailures. source_kms_key_arn is needed when the queue uses a
    customer managed key. Give the queue a visibility timeout above the five minutes an execution may take.
  EOT
  type = object({
    source_queue_arn   = string
    batch_size         = optional(number, 10)
    source_kms_key_arn = optional(string)
    enabled            = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.pipe == null ? true : var.pipe.batch_size >= 1 && var.pipe.batch_size <= 10
    error_message = "pipe.batch_size is ${try(var.pipe.batch_size, "?")}: without a batching window, which would make files wait, SQS hands out 1 to 10 records."
  }

  validation {
    condition     = var.pipe == null ? true : !endswith(var.pipe.source_queue_arn, ".fifo")
    error_message = "pipe.source_queue_arn is a FIFO queue: use a standard queue, whose retries do not block what comes behind them."
  }
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
