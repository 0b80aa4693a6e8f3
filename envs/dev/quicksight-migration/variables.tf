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

variable "source_account" {
  description = "Account that assets come from: its id, Region, external id, the role that Terraform deploys with there (null: its own credentials), and what else is said of it."
  type = object({
    account_id        = string
    region            = string
    external_id       = string
    deployer_role_arn = optional(string)
    name              = optional(string)
    identity_region   = optional(string)
    tenant_id         = optional(string)
  })
}

variable "target_account" {
  description = "Account that assets are imported into, as source_account; who approves plans, the staging bucket's key, and the roles that data sources may be given, by a static label."
  type = object({
    account_id          = string
    region              = string
    external_id         = string
    deployer_role_arn   = optional(string)
    name                = optional(string)
    identity_region     = optional(string)
    tenant_id           = optional(string)
    approval            = optional(string, "REQUIRED")
    staging_kms_key_arn = optional(string)
    data_role_arns      = optional(map(string), {})
  })
}

variable "organization_id" {
  description = "Id of the AWS organisation that the roles in both accounts ask of those who assume them; null asks for none."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts what the system stores in this account; null leaves it to each service's own."
  type        = string
  default     = null
}

variable "api_domain" {
  description = "Domain name of the API, its certificate and, if the record is to be made, its Route 53 zone; null leaves the generated endpoint."
  type        = object({ domain_name = string, certificate_arn = string, zone_id = optional(string) })
  default     = null
}

variable "live_domain" {
  description = "Domain name of live updates, its certificate and, if the record is to be made, its Route 53 zone; null leaves the generated endpoint."
  type        = object({ domain_name = string, certificate_arn = string, zone_id = optional(string) })
  default     = null
}

variable "sets_api_gateway_log_role" {
  description = "Whether this stack sets the role that API Gateway writes logs as in this account and Region; false where the account has one (aws apigateway get-account)."
  type        = bool
  default     = true
}

variable "edge" {
  description = "CloudFront and WAF in front of the API, with a domain name (certificate in us-east-1) and countries if wanted; null puts nothing there."
  type = object({
    viewer_domain     = optional(object({ domain_name = string, certificate_arn = string, zone_id = optional(string) }))
    allowed_countries = optional(list(string), [])
  })
  default = null
}

variable "notification_emails" {
  description = "E-mail addresses that are told of jobs that ended, need attention or wait for an approval, by a static label."
  type        = map(string)
  default     = {}
}

variable "alarm_actions" {
  description = "ARNs (an SNS topic, say) told when an alarm fires."
  type        = list(string)
  default     = []
}
