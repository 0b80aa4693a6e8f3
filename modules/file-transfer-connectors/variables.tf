variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name must be 2 to 30 characters of a-z, 0-9 and '-', starting with a letter."
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
    table_names     = map(string)
    table_arns      = map(string)
    index_arns      = map(map(string))
    queue           = object({ url = string, arn = string })
    connector_queue = object({ url = string, arn = string })
    layer_arn       = string
  })
  nullable = false
}

variable "connectors" {
  description = <<-EOT
    Remote SFTP servers by alias (a static string; the host in sftp-connector://<alias>/path, and `connector` of a pull).
    url is sftp://host or sftp://host:port; trusted_host_keys are the server's keys (`ssh-keyscan`, type and key without a
    comment). Each has a secret <name>/connectors/<alias> for our login there, as JSON with Username and PrivateKey,
    Password or both: an operator puts it in. `login` puts it in by Terraform, whose state then holds it: for test servers.
  EOT
  type = map(object({
    url                  = string
    trusted_host_keys    = list(string)
    login                = optional(string)
    security_policy_name = optional(string)
    logging_role_arn     = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for alias in keys(var.connectors) : can(regex("^[a-z0-9][a-z0-9-]{0,31}$", alias))])
    error_message = "connectors: an alias is no name of a host in ${join(", ", [for alias in keys(var.connectors) : alias if !can(regex("^[a-z0-9][a-z0-9-]{0,31}$", alias))])}: use 1 to 32 of a-z, 0-9 and '-'."
  }

  validation {
    condition     = alltrue([for connector in values(var.connectors) : can(regex("^sftp://[^/]+$", connector.url))])
    error_message = "connectors: url is not sftp://host or sftp://host:port in ${join(", ", [for alias, connector in var.connectors : alias if !can(regex("^sftp://[^/]+$", connector.url))])}."
  }

  validation {
    condition     = alltrue([for connector in values(var.connectors) : length(connector.trusted_host_keys) >= 1 && length(connector.trusted_host_keys) <= 10])
    error_message = "connectors: trusted_host_keys has not 1 to 10 keys in ${join(", ", [for alias, connector in var.connectors : alias if length(connector.trusted_host_keys) < 1 || length(connector.trusted_host_keys) > 10])}: without one nobody knows whose server it is."
  }

  validation {
    condition     = length(var.connectors) <= 60
    error_message = "connectors has ${length(var.connectors)} servers: the pattern of the events' rule, which names each connector, takes about 60."
  }
}

variable "exchange" {
  description = "Bucket between this system and its connectors: what is sent, what was fetched, listings. Objects expire after `expiration_days`; a request waits up to 6 hours and a file takes up to 12."
  type = object({
    bucket_name     = string
    force_destroy   = optional(bool, false)
    expiration_days = optional(number, 3)
  })
  nullable = false

  validation {
    condition     = var.exchange.expiration_days >= 2
    error_message = "exchange.expiration_days is ${var.exchange.expiration_days}: use 2 or more, or a file may be gone before its turn comes."
  }
}

variable "content_bucket_arn" {
  description = "ARN of the bucket where file-transfer-content keeps what it prepared, for workflows that send that; null if there is none."
  type        = string
  default     = null
}

variable "connector_table" {
  description = "Settings of the table ConnectorTransfer."
  type = object({
    name_prefix            = optional(string, "")
    point_in_time_recovery = optional(bool, true)
    deletion_protection    = optional(bool, true)
  })
  default  = {}
  nullable = false
}
