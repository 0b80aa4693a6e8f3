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
    landing_bucket     = object({ name = string })
    source_prefixes    = list(string)
    sftp_targets       = map(object({ bucket = string, prefix = string }))
    limits             = object({ copy_object_bytes = number, large_file_bytes = number, max_copy_bytes = number })
    add_ons            = map(bool)
    table_names        = map(string)
    table_arns         = map(string)
    index_arns         = map(map(string))
    queue              = object({ url = string, arn = string })
    dead_letter_queue  = object({ url = string, arn = string })
    notification_queue = optional(object({ url = string, arn = string }))
    layer_arn          = string
  })
  nullable = false
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

variable "people" {
  description = <<-EOT
    Who may use the API. groups: Cognito groups by name (a static string) with what their members may do: view (read, validate,
    simulate), operate (retry, replay, redrive, acknowledge, send again), configure (change definitions), and the customers for
    whose files it holds; without customers it holds for all. session_minutes: how long a sign-in holds. mfa_configuration: ON
    asks everybody for a second factor, OPTIONAL those who set one up. auth_flows: how users sign in; the command line uses SRP,
    which proves the password and does not send it. deletion_protection: of the users.
  EOT
  type = object({
    groups = optional(map(object({
      description = optional(string, "")
      permissions = list(string)
      customers   = optional(list(string))
      })), {
      ft-view      = { description = "Sees everything, changes nothing.", permissions = ["view"] }
      ft-operate   = { description = "Retries, replays and redrives; acknowledges; sends notifications again.", permissions = ["view", "operate"] }
      ft-configure = { description = "Changes workflow definitions.", permissions = ["view", "configure"] }
    })
    session_minutes     = optional(number, 45)
    mfa_configuration   = optional(string, "ON")
    auth_flows          = optional(list(string), ["ALLOW_USER_SRP_AUTH"])
    deletion_protection = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for group in values(var.people.groups) : length(setsubtract(group.permissions, ["view", "operate", "configure"])) == 0])
    error_message = "people.groups[*].permissions may hold view, operate and configure."
  }

  validation {
    # A definition says whose files a folder holds and where they go: no part of that is one customer's business alone.
    condition     = alltrue([for group in values(var.people.groups) : group.customers == null || !contains(group.permissions, "configure")])
    error_message = "people.groups: ${join(", ", [for name, group in var.people.groups : name if group.customers != null && contains(group.permissions, "configure")])} may configure for some customers only, which the API refuses: leave out customers, or configure."
  }
}

variable "api" {
  description = "The HTTP API: requests per second and burst before it answers 429, origins that a browser may call it from, a domain name of your own."
  type = object({
    throttling = optional(object({
      burst_limit = optional(number, 50)
      rate_limit  = optional(number, 25)
    }), {})
    cors = optional(object({
      allow_origins = list(string)
    }))
    custom_domain = optional(object({
      domain_name     = string
      certificate_arn = string
      zone_id         = optional(string)
    }))
  })
  default  = {}
  nullable = false
}

variable "replays" {
  description = "Replays of many transfers: how many run at once, and the limit of one turn of their function in seconds."
  type = object({
    at_once                  = optional(number, 2)
    function_timeout_seconds = optional(number, 120)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.replays.at_once >= 2 && var.replays.at_once <= 1000
    error_message = "replays.at_once is ${var.replays.at_once}: Lambda takes 2 to 1000."
  }

  validation {
    condition     = var.replays.function_timeout_seconds >= 30 && var.replays.function_timeout_seconds <= 900
    error_message = "replays.function_timeout_seconds is ${var.replays.function_timeout_seconds}: use 30 (a page and its messages) to 900."
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
