variable "package" {
  description = "Deployment package of the functions, uploaded to the local cloud by `make up`."
  type        = object({ s3_bucket = string, s3_key = string, source_code_hash = string })
}

variable "layer" {
  description = "Package of the dependency layer for this machine's Python, uploaded by `make up`."
  type        = object({ s3_bucket = string, s3_key = string, source_code_hash = string })
}

variable "content_layer" {
  description = "Package of the layer that opens files and checks passwords, for this machine's Python, uploaded by `make up`."
  type        = object({ s3_bucket = string, s3_key = string, source_code_hash = string })
}

variable "sftp_public_keys" {
  description = "SSH public key of each SFTP user; `make up` makes the pairs under build/local/ssh."
  type        = map(string)
}

variable "partner_server" {
  description = "The partner's SFTP server that `make up` starts: where it is, the key it is known by, and the login as the JSON of a connector's secret."
  type        = object({ url = string, host_key = string, secret = string })
}

variable "lambda_runtime" {
  description = "Runtime that names this machine's Python."
  type        = string
}

variable "lambda_architecture" {
  description = "Instruction set of this machine."
  type        = string
}
