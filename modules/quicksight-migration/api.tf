module "users" {
  source = "../cognito-user-pool"

  name                   = var.name
  groups                 = { for group, settings in var.user_access.groups : group => { description = settings.description } }
  token_validity_minutes = var.user_access.session_minutes
  mfa_configuration      = var.user_access.mfa_configuration
  auth_flows             = var.user_access.auth_flows
  deletion_protection    = var.job_records.deletion_protection
  tags                   = var.tags
}

module "api" {
  source = "../http-api"

  name        = var.name
  description = "QuickSight migrations: jobs, their plans and what a person may do to them."
  routes = { for route, function in local.routes : route => {
    function_arn  = module.function[function].arn
    function_name = module.function[function].name
    authorization = "JWT"
  } }
  jwt                = { issuer = module.users.issuer, audience = [module.users.client_id] }
  throttling         = var.api.throttling
  cors               = var.api.cors
  custom_domain      = var.api.custom_domain
  kms_key_arn        = var.kms_key_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags
}

locals {
  # What begins a run has a function of its own, which alone of the two may start the machine. The rest is named by method and
  # not ANY, which would also catch the preflight requests of browsers: those carry no token.
  routes = {
    "POST /jobs"                 = "start-job"
    "POST /jobs/{jobId}/restore" = "start-job"
    "POST /jobs/{jobId}/retry"   = "start-job"
    "GET /{proxy+}"              = "api-handler"
    "POST /{proxy+}"             = "api-handler"
  }
}
