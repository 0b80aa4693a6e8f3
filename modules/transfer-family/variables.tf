variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,60}$", var.name))
    error_message = "name is \"${var.name}\": use 1 to 60 letters, digits, hyphens and underscores (roles are called name-user, and a role name ends at 64)."
  }
}

variable "security_policy_name" {
  description = "Ciphers, key exchanges and MACs the server accepts. The service's own default is chosen by API, not by safety, so it is always set."
  type        = string
  default     = "TransferSecurityPolicy-2025-03"
  nullable    = false

  validation {
    condition = contains([
      "TransferSecurityPolicy-2024-01",
      "TransferSecurityPolicy-2025-03",
      "TransferSecurityPolicy-FIPS-2024-01",
      "TransferSecurityPolicy-FIPS-2024-05",
      "TransferSecurityPolicy-FIPS-2025-03",
      "TransferSecurityPolicy-Restricted-2024-06",
      "TransferSecurityPolicy-SshAuditCompliant-2025-02",
    ], var.security_policy_name)
    error_message = "security_policy_name is \"${var.security_policy_name}\": use a policy of 2024 or later (TransferSecurityPolicy-2025-03, -2024-01, -Restricted-2024-06, -SshAuditCompliant-2025-02, -FIPS-2025-03, -FIPS-2024-05 or -FIPS-2024-01); earlier ones allow SHA-1."
  }
}

variable "vpc_endpoint" {
  description = "Put the server into a VPC; with address_allocation_ids (Elastic IPs, one per subnet) it is reachable from the internet under fixed addresses. null gives it a public endpoint of the service."
  type = object({
    vpc_id                 = string
    subnet_ids             = list(string)
    security_group_ids     = list(string)
    address_allocation_ids = optional(list(string), [])
  })
  default = null

  validation {
    condition = var.vpc_endpoint == null ? true : (
      length(var.vpc_endpoint.subnet_ids) > 0 &&
      contains([0, length(var.vpc_endpoint.subnet_ids)], length(var.vpc_endpoint.address_allocation_ids))
    )
    error_message = "vpc_endpoint lists ${try(length(var.vpc_endpoint.subnet_ids), 0)} subnets and ${try(length(var.vpc_endpoint.address_allocation_ids), 0)} addresses: give at least one subnet, and no address or one per subnet."
  }
}

variable "users" {
  description = <<-EOT
    SFTP users by login name (a static string). A user sees home.prefix of home.bucket (the bucket's name) as "/" and
    nothing else. access is read-write, read-only or write-only; a write-only user cannot rename, which is a copy and a
    delete. ssh_public_keys are OpenSSH lines by a name of the caller's choice, so that one key can be rotated alone.
    home.kms_key_arn is needed when the bucket uses a customer managed key.
  EOT
  type = map(object({
    home = object({
      bucket      = string
      prefix      = optional(string, "")
      kms_key_arn = optional(string)
    })
    access          = optional(string, "read-write")
    ssh_public_keys = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for user in keys(var.users) : can(regex("^[A-Za-z0-9_][A-Za-z0-9_@.-]{2,99}$", user))])
    error_message = "users: Transfer Family refuses the name ${join(", ", [
      for user in keys(var.users) : user if !can(regex("^[A-Za-z0-9_][A-Za-z0-9_@.-]{2,99}$", user))
    ])}: 3 to 100 letters, digits, _ @ . and -, with a letter, digit or _ in front."
  }

  validation {
    condition = alltrue([for user in keys(var.users) : length("${var.name}-${user}") <= 64])
    error_message = "users: the role name is longer than 64 characters for ${join(", ", [
      for user in keys(var.users) : "${var.name}-${user}" if length("${var.name}-${user}") > 64
    ])}: shorten name or the user."
  }

  validation {
    condition = alltrue([
      for user in values(var.users) : contains(["read-write", "read-only", "write-only"], user.access)
    ])
    error_message = "users: access is not read-write, read-only or write-only for ${join(", ", [
      for key, user in var.users : key if !contains(["read-write", "read-only", "write-only"], user.access)
    ])}."
  }

  validation {
    condition = alltrue([
      for user in values(var.users) : user.home.prefix == "" || can(regex("^[^/*?$]+(/[^/*?$]+)*/?$", user.home.prefix))
    ])
    error_message = "users: home.prefix is no plain path for ${join(", ", [
      for key, user in var.users : key
      if !(user.home.prefix == "" || can(regex("^[^/*?$]+(/[^/*?$]+)*/?$", user.home.prefix)))
    ])}: no leading or doubled slash, and none of * ? $, which IAM would read as a pattern."
  }

  validation {
    condition = alltrue(flatten([
      for user in values(var.users) : [
        for key in values(user.ssh_public_keys) : can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+", key))
      ]
    ]))
    error_message = "users: ssh_public_keys holds no OpenSSH public key in ${join(", ", flatten([
      for user_key, user in var.users : [
        for key_name, key in user.ssh_public_keys : "${user_key}/${key_name}"
        if !can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+", key))
      ]
    ]))}: pass the line of the .pub file (ssh-ed25519, ssh-rsa or ecdsa-sha2-nistp*)."
  }
}

variable "identity_provider" {
  description = <<-EOT
    A Lambda function that answers who may log in, instead of users: its ARN, and what a login takes, PUBLIC_KEY_OR_PASSWORD,
    PUBLIC_KEY, PASSWORD or PUBLIC_KEY_AND_PASSWORD (key first). The function's policy must allow transfer.amazonaws.com to
    invoke it for this server. null: the service manages the users.
  EOT
  type = object({
    function_arn           = string
    authentication_methods = optional(string, "PUBLIC_KEY_OR_PASSWORD")
  })
  default = null

  validation {
    condition = var.identity_provider == null ? true : contains(
      ["PUBLIC_KEY_OR_PASSWORD", "PUBLIC_KEY", "PASSWORD", "PUBLIC_KEY_AND_PASSWORD"],
      var.identity_provider.authentication_methods
    )
    error_message = "identity_provider.authentication_methods is \"${try(var.identity_provider.authentication_methods, "")}\": use PUBLIC_KEY_OR_PASSWORD, PUBLIC_KEY, PASSWORD or PUBLIC_KEY_AND_PASSWORD."
  }

  validation {
    condition     = var.identity_provider == null || length(var.users) == 0
    error_message = "identity_provider and users are both given (${join(", ", keys(var.users))}): a server that asks a function has no users of its own."
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
