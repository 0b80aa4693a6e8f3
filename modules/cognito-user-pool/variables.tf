variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@ -]{1,128}$", var.name))
    error_message = "name is \"${var.name}\": a user pool and its client take 1 to 128 letters, digits, blanks and _+=,.@-."
  }
}

variable "groups" {
  description = "Groups of users by name (a static string), each with what its members may do, in the operator's words. What they really may do, the application decides."
  type = map(object({
    description = string
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for key in keys(var.groups) : can(regex("^[^\\s]{1,128}$", key))])
    error_message = "groups: Cognito refuses the name of ${join(", ", [
      for key in keys(var.groups) : "\"${key}\"" if !can(regex("^[^\\s]{1,128}$", key))
    ])}: 1 to 128 characters without blanks."
  }
}

variable "token_validity_minutes" {
  description = "Minutes that access and id tokens are good for."
  type        = number
  default     = 45
  nullable    = false

  validation {
    condition     = var.token_validity_minutes >= 5 && var.token_validity_minutes <= 1440
    error_message = "token_validity_minutes is ${var.token_validity_minutes}: Cognito takes 5 minutes to a day (1440)."
  }
}

variable "refresh_validity_minutes" {
  description = "Minutes after a login within which new tokens are given without another one; null gives none, so that a session ends with its first tokens."
  type        = number
  default     = null

  validation {
    condition     = var.refresh_validity_minutes == null ? true : var.refresh_validity_minutes >= 60 && var.refresh_validity_minutes <= 5256000
    error_message = "refresh_validity_minutes is ${coalesce(var.refresh_validity_minutes, 0)}: Cognito takes an hour (60) to ten years (5256000); null gives no new tokens."
  }
}

variable "auth_flows" {
  description = "How users may log in. ALLOW_USER_SRP_AUTH sends no password over the line; the others do (over TLS)."
  type        = list(string)
  default     = ["ALLOW_USER_SRP_AUTH"]
  nullable    = false

  validation {
    condition = length(var.auth_flows) > 0 && alltrue([
      for flow in var.auth_flows : contains(["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"], flow)
    ])
    error_message = "auth_flows takes ALLOW_USER_SRP_AUTH, ALLOW_USER_PASSWORD_AUTH and ALLOW_ADMIN_USER_PASSWORD_AUTH, and one at least; the refresh flow follows from refresh_validity_minutes."
  }
}

variable "mfa_configuration" {
  description = "Second factor (an authenticator app): ON asks every user, OPTIONAL those who set one up."
  type        = string
  default     = "ON"
  nullable    = false

  validation {
    condition     = contains(["ON", "OPTIONAL"], var.mfa_configuration)
    error_message = "mfa_configuration is \"${var.mfa_configuration}\": use ON or OPTIONAL."
  }
}

variable "password_policy" {
  description = "Length of passwords, which need letters in both cases, digits and symbols; days within which an invited user must log in first."
  type = object({
    minimum_length                   = optional(number, 14)
    temporary_password_validity_days = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.password_policy.minimum_length >= 12 && var.password_policy.minimum_length <= 99
    error_message = "password_policy.minimum_length is ${var.password_policy.minimum_length}: use 12 (below that is not offered) to 99."
  }

  validation {
    condition     = var.password_policy.temporary_password_validity_days >= 1 && var.password_policy.temporary_password_validity_days <= 365
    error_message = "password_policy.temporary_password_validity_days is ${var.password_policy.temporary_password_validity_days}: use 1 to 365."
  }
}

variable "threat_protection" {
  description = "What Cognito does about leaked passwords and odd logins: OFF, AUDIT (records them) or ENFORCED (also acts). All but OFF need the PLUS tier, which is priced by the user."
  type        = string
  default     = "OFF"
  nullable    = false

  validation {
    condition     = contains(["OFF", "AUDIT", "ENFORCED"], var.threat_protection)
    error_message = "threat_protection is \"${var.threat_protection}\": use OFF, AUDIT or ENFORCED."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the pool and the users in it."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags put on every resource of the module that can carry them."
  type        = map(string)
  default     = {}
  nullable    = false
}
