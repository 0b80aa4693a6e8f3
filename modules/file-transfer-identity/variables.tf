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
    landing_bucket = object({ name = string })
    table_names    = map(string)
    index_arns     = map(map(string))
    layer_arn      = string
  })
  nullable = false
}

variable "server_arn" {
  description = "ARN of the SFTP server that asks: only it may invoke the function, and only its users have the role."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:transfer:[^:]+:[0-9]{12}:server/s-[0-9a-f]{17}$", var.server_arn))
    error_message = "server_arn is \"${var.server_arn}\": pass the ARN of a Transfer Family server."
  }
}

variable "homes" {
  description = "Places, by a static label, below which homes of users may lie: a bucket's name, a prefix that ends in '/' (empty: all of the bucket), and the bucket's customer managed key where it has one. A user has a folder in one of them, named in its definition; files arrive only below the landing bucket's SFTP prefix."
  type = map(object({
    bucket      = string
    prefix      = optional(string, "")
    kms_key_arn = optional(string)
  }))
  nullable = false

  validation {
    condition     = length(var.homes) > 0
    error_message = "homes is empty: name the landing bucket with its SFTP prefix, or nobody has a home."
  }

  validation {
    condition     = alltrue([for home in values(var.homes) : home.prefix == "" || can(regex("^([^/*?$]+/)+$", home.prefix))])
    error_message = "homes: prefix is no folder in ${join(", ", [for key, home in var.homes : key if !(home.prefix == "" || can(regex("^([^/*?$]+/)+$", home.prefix)))])}: end it with '/', without a slash in front, and with none of * ? $."
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
