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

variable "content_layer" {
  description = "Package of the layer that opens files and checks passwords; `make publish` writes it to artifacts.auto.tfvars.json."
  type        = object({ s3_bucket = string, s3_key = string, source_code_hash = string })
}

variable "sftp_public_keys" {
  description = "SSH public keys by SFTP user and static label, for example { bankpacific = { nightly = \"ssh-ed25519 AAAA…\" } }."
  type        = map(map(string))
}

variable "notification_emails" {
  description = "E-mail addresses that are told how transfers ended, by a static label."
  type        = map(string)
  default     = {}
}

variable "alarm_actions" {
  description = "ARNs (an SNS topic, say) told when an alarm fires."
  type        = list(string)
  default     = []
}
