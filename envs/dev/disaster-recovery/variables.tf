variable "account_id" {
  description = "The AWS account of this environment; the provider refuses any other."
  type        = string
}

variable "region" {
  description = "Region of the stack."
  type        = string
  default     = "us-east-1"
}

variable "package" {
  description = "Deployment package of the functions; `make publish` writes it to artifacts.auto.tfvars.json."
  type        = object({ s3_bucket = string, s3_key = string, source_code_hash = string })
}

variable "layer" {
  description = "Package of the dependency layer; `make publish` writes it to artifacts.auto.tfvars.json."
  type        = object({ s3_bucket = string, s3_key = string, source_code_hash = string })
}

variable "api_domain" {
  description = "Domain name of the API, its certificate and, if the record is to be made, its Route 53 zone; null leaves the generated endpoint."
  type        = object({ domain_name = string, certificate_arn = string, zone_id = optional(string) })
  default     = null
}

variable "recovery_regions" {
  description = "Regions that plans may recover in; empty means the stack's own."
  type        = list(string)
  default     = []
}

variable "recovery_roles" {
  description = "ARNs of roles in other accounts that plans may name, by a static label."
  type        = map(string)
  default     = {}
}

variable "instance_role_arns" {
  description = "ARNs of the roles that launch templates give to recovered instances, by a static label."
  type        = map(string)
  default     = {}
}

variable "action_function_arns" {
  description = "ARNs of the functions that plans may invoke before and after a wave, by a static label."
  type        = map(string)
  default     = {}
}

variable "automation_documents" {
  description = "Names of the SSM Automation documents that plans may start, by a static label."
  type        = map(string)
  default     = {}
}

variable "probe_hosts" {
  description = "Hosts that plans may probe; a leading dot allows all below it."
  type        = list(string)
  default     = []
}

variable "edge" {
  description = "CloudFront and WAF in front of the API, with a domain name (certificate in us-east-1) and countries if wanted; null puts nothing there."
  type = object({
    viewer_domain     = optional(object({ domain_name = string, certificate_arn = string, zone_id = optional(string) }))
    allowed_countries = optional(list(string), [])
  })
  default = null
}

variable "trail" {
  description = "CloudTrail trail of the account, with every read and write of the named tables; null where the organisation has one."
  type        = object({ tables = optional(list(string), []) })
  default     = null
}

variable "notification_emails" {
  description = "E-mail addresses that are told of every transition of an execution, by a static label."
  type        = map(string)
  default     = {}
}

variable "alarm_actions" {
  description = "ARNs (an SNS topic, say) told when an alarm fires."
  type        = list(string)
  default     = []
}
