variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": use 1 to 64 letters, digits, hyphens and underscores (a web ACL and its metrics carry it)."
  }
}

variable "origin_host_name" {
  description = "Host name of the API that requests are passed on to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\\.)+[A-Za-z]{2,}$", var.origin_host_name))
    error_message = "origin_host_name is \"${var.origin_host_name}\": give a host name alone, without https:// and without a path."
  }
}

variable "viewer_domain" {
  description = <<-EOT
    Domain name of the distribution, its certificate (in us-east-1, where CloudFront looks for it), and the Route 53 zone that
    gets the records (null: they are made elsewhere). Null leaves the distribution the name CloudFront gives it.
  EOT
  type = object({
    domain_name     = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.viewer_domain == null ? true : can(regex("^arn:[^:]*:acm:us-east-1:", var.viewer_domain.certificate_arn))
    error_message = "viewer_domain.certificate_arn is no certificate in us-east-1: CloudFront takes no other."
  }
}

variable "firewall" {
  description = <<-EOT
    What the web ACL refuses. requests_per_five_minutes: more from one address are blocked. managed_rule_groups: groups of AWS
    by name, in the order of priority (from 1); counted_rules only count there, as the whole group does with count_only.
  EOT
  type = object({
    requests_per_five_minutes = optional(number, 1000)
    managed_rule_groups = optional(map(object({
      priority      = number
      counted_rules = optional(list(string), [])
      count_only    = optional(bool, false)
      })), {
      AWSManagedRulesAmazonIpReputationList = { priority = 1 }
      AWSManagedRulesKnownBadInputsRuleSet  = { priority = 2 }
      # A document of many servers is larger than 8 KB and may hold the URL of a probe: both are what these two rules block.
      AWSManagedRulesCommonRuleSet = { priority = 3, counted_rules = ["GenericRFI_BODY", "SizeRestrictions_BODY"] }
    })
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.firewall.requests_per_five_minutes >= 10 && var.firewall.requests_per_five_minutes <= 2000000000
    error_message = "firewall.requests_per_five_minutes is ${var.firewall.requests_per_five_minutes}: AWS WAF takes 10 to 2000000000."
  }

  validation {
    condition = (
      length(distinct([for group in values(var.firewall.managed_rule_groups) : group.priority])) == length(var.firewall.managed_rule_groups) &&
      alltrue([for group in values(var.firewall.managed_rule_groups) : group.priority >= 1])
    )
    error_message = "firewall.managed_rule_groups: priorities must differ and be 1 or more; 0 is the limit per address."
  }
}

variable "allowed_countries" {
  description = "Countries (ISO 3166-1 alpha-2) from which requests are let in; empty lets them in from everywhere."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for country in var.allowed_countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "allowed_countries takes codes of two capital letters, as in [\"DE\", \"AT\"]."
  }
}

variable "price_class" {
  description = "Edge locations that are used: PriceClass_100 (North America, Europe), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class is \"${var.price_class}\": use PriceClass_100, PriceClass_200 or PriceClass_All."
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
