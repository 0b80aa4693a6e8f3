variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": use 1 to 64 letters, digits, hyphens and underscores, which a statement id of a function's policy can hold too."
  }
}

variable "description" {
  description = "What the module's main resource is for, in the operator's words."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.description) <= 1024
    error_message = "description has ${length(var.description)} characters: API Gateway takes at most 1024."
  }
}

variable "authorizer" {
  description = "Function, by ARN and by name, that turns the ticket of a new connection into a policy and says whose it is."
  type = object({
    function_arn  = string
    function_name = string
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:", var.authorizer.function_arn))
    error_message = "authorizer.function_arn is \"${var.authorizer.function_arn}\": give the ARN of a function."
  }
}

variable "connection_handler" {
  description = "Function, by ARN and by name, that keeps connections and answers what their clients say."
  type = object({
    function_arn  = string
    function_name = string
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:", var.connection_handler.function_arn))
    error_message = "connection_handler.function_arn is \"${var.connection_handler.function_arn}\": give the ARN of a function."
  }
}

variable "stage_name" {
  description = "Name of the stage, the last part of the generated URL."
  type        = string
  default     = "live"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name is \"${var.stage_name}\": use 1 to 128 letters, digits, hyphens and underscores."
  }
}

variable "throttling" {
  description = "Requests a second over all routes and callers, and how many may come at once; more get 429."
  type = object({
    burst_limit = optional(number, 50)
    rate_limit  = optional(number, 25)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.throttling.rate_limit > 0 && var.throttling.burst_limit > 0
    error_message = "throttling is ${var.throttling.rate_limit} a second and ${var.throttling.burst_limit} at once: both must be above 0, or the API answers nothing but 429."
  }
}

variable "account_log_role_arn" {
  description = "ARN of the role that API Gateway writes logs as in this account and Region (api-gateway-account makes it): the stage waits for it, since AWS refuses one with logs before. Null where the account has one already."
  type        = string
  default     = null

  validation {
    condition     = var.account_log_role_arn == null ? true : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.account_log_role_arn))
    error_message = "account_log_role_arn is \"${coalesce(var.account_log_role_arn, "null")}\": give the ARN of a role."
  }
}

variable "custom_domain" {
  description = <<-EOT
    Domain name of the API, its certificate in the API's own Region, and the Route 53 zone that gets the record (null: the
    record is made elsewhere). The generated endpoint is switched off then. Null leaves the API its generated endpoint.
  EOT
  type = object({
    domain_name     = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.custom_domain == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.custom_domain.domain_name))
    error_message = "custom_domain.domain_name is \"${try(var.custom_domain.domain_name, "?")}\": give a host name in lower case, as in api.example.com."
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

variable "tags" {
  description = "Tags put on every resource of the module that can carry them."
  type        = map(string)
  default     = {}
  nullable    = false
}
