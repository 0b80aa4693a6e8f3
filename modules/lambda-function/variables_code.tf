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

variable "platform" {
  description = "What zip and layers were built for: the Lambda runtime's identifier, and the instruction set, arm64 (cheaper) or x86_64. `ephemeral_storage_mb`: room in /tmp."
  type = object({
    runtime              = optional(string, "python3.13")
    architecture         = optional(string, "arm64")
    ephemeral_storage_mb = optional(number, 512)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.platform.architecture)
    error_message = "platform.architecture is \"${var.platform.architecture}\": use arm64 or x86_64."
  }

  validation {
    condition     = var.platform.ephemeral_storage_mb >= 512 && var.platform.ephemeral_storage_mb <= 10240
    error_message = "platform.ephemeral_storage_mb is ${var.platform.ephemeral_storage_mb}: Lambda takes 512 to 10240 MB."
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
