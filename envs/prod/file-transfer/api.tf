# The API, for people (towpath login) and programs. Groups that look after some customers only are added to people.groups.
variable "api_domain" {
  description = "Domain name of the API, its certificate and, if the record is to be made, its Route 53 zone; null leaves the generated endpoint."
  type        = object({ domain_name = string, certificate_arn = string, zone_id = optional(string) })
  default     = null
}

module "api" {
  source = "../../../modules/file-transfer-api"

  name          = "file-transfer"
  file_transfer = module.file_transfer.system
  package       = var.package
  api           = { custom_domain = var.api_domain }
  alarm_actions = var.alarm_actions
}

output "file_transfer_api" {
  description = "Outputs of the API: endpoint, user pool, functions, roles, queue of replays."
  value       = module.api
}
