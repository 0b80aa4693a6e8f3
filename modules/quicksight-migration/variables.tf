variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "name must be 2 to 23 characters of a-z, 0-9 and '-', starting with a letter."
  }
}

variable "bundle_bucket" {
  description = <<-EOT
    Bucket of this account for exported bundles, backups, plans and reports, below jobs/ and drift/. Files expire after
    expiration_days, until when a job can be restored; earlier versions after noncurrent_days.
  EOT
  type = object({
    name            = string
    force_destroy   = optional(bool, false)
    expiration_days = optional(number, 90)
    noncurrent_days = optional(number, 30)
  })
  nullable = false

  validation {
    condition     = var.bundle_bucket.expiration_days >= 14 && var.bundle_bucket.noncurrent_days >= 1
    error_message = "bundle_bucket.expiration_days is ${var.bundle_bucket.expiration_days} and noncurrent_days ${var.bundle_bucket.noncurrent_days}: use at least 14, the days that QuickSight knows an export, and at least 1."
  }
}

variable "source_accounts" {
  description = <<-EOT
    Accounts that assets may come from, by a label (a static string) that people know them by unless `name` is given. role_arn:
    the role of quicksight-migration-account in it. identity_region: where users and groups live, if not in `region`.
    tenant_id: whose account it is.
  EOT
  type = map(object({
    account_id      = string
    region          = string
    role_arn        = string
    external_id     = string
    name            = optional(string)
    identity_region = optional(string)
    namespace       = optional(string, "default")
    tenant_id       = optional(string)
  }))
  nullable = false

  validation {
    condition     = length(var.source_accounts) > 0 && length(distinct(values(var.source_accounts)[*].account_id)) == length(var.source_accounts)
    error_message = "source_accounts names one account or more, each once: an account has one Region of assets."
  }

  validation {
    condition = alltrue([
      for account in values(var.source_accounts) :
      can(regex("^[0-9]{12}$", account.account_id)) && can(regex("^arn:[a-z-]+:iam::${account.account_id}:role/[^*]+$", account.role_arn))
    ])
    error_message = "source_accounts: account_id has no 12 digits, or role_arn is no role of that account, in ${join(", ", [
      for label, account in var.source_accounts : label
      if !can(regex("^[0-9]{12}$", account.account_id)) || !can(regex("^arn:[a-z-]+:iam::${account.account_id}:role/[^*]+$", account.role_arn))
    ])}."
  }
}

variable "target_accounts" {
  description = <<-EOT
    Accounts that assets may be imported into, as source_accounts, with what a target has besides. staging_bucket: the bucket of
    quicksight-migration-account in it; staging_kms_key_arn: its key, where it has one of its own. approval: NONE, REQUIRED
    (somebody approves each plan) or SECOND_PERSON (somebody else than who started the job).
  EOT
  type = map(object({
    account_id          = string
    region              = string
    role_arn            = string
    external_id         = string
    staging_bucket      = string
    staging_kms_key_arn = optional(string)
    approval            = optional(string, "REQUIRED")
    name                = optional(string)
    identity_region     = optional(string)
    namespace           = optional(string, "default")
    tenant_id           = optional(string)
  }))
  nullable = false

  validation {
    condition     = length(var.target_accounts) > 0 && length(distinct(values(var.target_accounts)[*].account_id)) == length(var.target_accounts)
    error_message = "target_accounts names one account or more, each once: an account has one Region of assets."
  }

  validation {
    condition = alltrue([
      for account in values(var.target_accounts) :
      can(regex("^[0-9]{12}$", account.account_id)) && can(regex("^arn:[a-z-]+:iam::${account.account_id}:role/[^*]+$", account.role_arn))
    ])
    error_message = "target_accounts: account_id has no 12 digits, or role_arn is no role of that account, in ${join(", ", [
      for label, account in var.target_accounts : label
      if !can(regex("^[0-9]{12}$", account.account_id)) || !can(regex("^arn:[a-z-]+:iam::${account.account_id}:role/[^*]+$", account.role_arn))
    ])}."
  }

  validation {
    condition = alltrue([for account in values(var.target_accounts) : contains(["NONE", "REQUIRED", "SECOND_PERSON"], account.approval)])
    error_message = "target_accounts: approval is not NONE, REQUIRED or SECOND_PERSON in ${join(", ", [
      for label, account in var.target_accounts : label if !contains(["NONE", "REQUIRED", "SECOND_PERSON"], account.approval)
    ])}."
  }

  validation {
    # Workers are told of all accounts in their environment, of which Lambda takes 4 KB.
    condition     = length(jsonencode(var.source_accounts)) + length(jsonencode(var.target_accounts)) <= 3000
    error_message = "target_accounts and source_accounts are too many for the 4 KB that a function's environment may have: give some of them a stack of their own."
  }
}

variable "user_access" {
  description = <<-EOT
    Who may use the API. groups: Cognito groups by name (a static string) with what their members may do: view (read), migrate
    (start, retry, cancel), approve (approve, reject), restore (put a target back), and the tenants for whose jobs it holds;
    without tenants it holds for all. session_minutes: how long a sign-in holds. mfa_configuration: ON asks everybody for a
    second factor, OPTIONAL those who set one up. auth_flows: how users sign in; the command line uses SRP, which proves the
    password and does not send it.
  EOT
  type = object({
    groups = optional(map(object({
      description = optional(string, "")
      permissions = list(string)
      tenants     = optional(list(string))
      })), {
      bi-view    = { description = "Sees everything, changes nothing.", permissions = ["view"] }
      bi-migrate = { description = "Starts, retries and cancels migrations.", permissions = ["view", "migrate"] }
      bi-approve = { description = "Approves and rejects plans.", permissions = ["view", "approve"] }
      bi-restore = { description = "Puts targets back as they were before a job.", permissions = ["view", "restore"] }
    })
    session_minutes   = optional(number, 45)
    mfa_configuration = optional(string, "ON")
    auth_flows        = optional(list(string), ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for group in values(var.user_access.groups) : length(setsubtract(group.permissions, ["view", "migrate", "approve", "restore"])) == 0])
    error_message = "user_access.groups[*].permissions may hold view, migrate, approve and restore."
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

variable "live" {
  description = "Live updates over a WebSocket: connections and messages per second and burst before they get 429, a domain name of your own, the role that API Gateway writes logs as in this account (null: it has one already)."
  type = object({
    throttling = optional(object({
      burst_limit = optional(number, 50)
      rate_limit  = optional(number, 25)
    }), {})
    custom_domain = optional(object({
      domain_name     = string
      certificate_arn = string
      zone_id         = optional(string)
    }))
    account_log_role_arn = optional(string)
  })
  default  = {}
  nullable = false
}
