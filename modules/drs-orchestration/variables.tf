variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name))
    error_message = "name must be 2 to 30 characters of a-z, 0-9 and '-', starting with a letter."
  }
}

variable "access" {
  description = <<-EOT
    Who may use the API. groups: Cognito groups by name (a static string) with what their members may do: view (read), drill
    (start and control drills), recover (change plans, start and control real recoveries), terminate (terminate instances).
    session_minutes: how long a sign-in holds. mfa_configuration: ON asks everybody for a second factor, OPTIONAL those who
    set one up. auth_flows: how users sign in; the command line uses SRP, which proves the password and does not send it.
  EOT
  type = object({
    groups = optional(map(object({
      description = optional(string, "")
      permissions = list(string)
      })), {
      dr-view      = { description = "Sees everything, changes nothing.", permissions = ["view"] }
      dr-drill     = { description = "Rehearses: starts and controls drills.", permissions = ["view", "drill"] }
      dr-recover   = { description = "Changes plans, starts and controls real recoveries.", permissions = ["view", "drill", "recover"] }
      dr-terminate = { description = "Terminates recovery instances.", permissions = ["view", "terminate"] }
    })
    session_minutes   = optional(number, 45)
    mfa_configuration = optional(string, "ON")
    auth_flows        = optional(list(string), ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for group in values(var.access.groups) : length(setsubtract(group.permissions, ["view", "drill", "recover", "terminate"])) == 0])
    error_message = "access.groups[*].permissions may hold view, drill, recover and terminate."
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

variable "recovery" {
  description = <<-EOT
    Where servers are recovered. regions: Regions of this account that plans may name; empty means the stack's own.
    roles: ARNs of roles in other accounts that plans may name, by a static label. instance_role_arns: roles that launch
    templates give to recovered instances, besides DRS's own.
  EOT
  type = object({
    regions            = optional(list(string), [])
    roles              = optional(map(string), {})
    instance_role_arns = optional(map(string), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for arn in concat(values(var.recovery.roles), values(var.recovery.instance_role_arns)) : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", arn))])
    error_message = "recovery.roles and recovery.instance_role_arns take ARNs of IAM roles."
  }
}

variable "actions" {
  description = <<-EOT
    What plans may do before and after a wave: functions they may invoke and SSM Automation documents they may start, by a
    static label, the role that runbooks work under unless a plan names another (AutomationAssumeRole), and the host names (a leading dot allows all below it) that probes may call. The poller may do nothing else.
  EOT
  type = object({
    function_arns        = optional(map(string), {})
    automation_documents = optional(map(string), {})
    automation_role_arn  = optional(string)
    probe_hosts          = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for host in var.actions.probe_hosts : can(regex("^\\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$", host))])
    error_message = "actions.probe_hosts takes host names in lower case, such as status.example.com or .example.com."
  }
}
