module "users" {
  source = "../cognito-user-pool"

  name                   = var.name
  groups                 = { for group, settings in var.access.groups : group => { description = settings.description } }
  token_validity_minutes = var.access.session_minutes
  mfa_configuration      = var.access.mfa_configuration
  auth_flows             = var.access.auth_flows
  deletion_protection    = var.records.deletion_protection
  tags                   = var.tags
}

module "api" {
  source = "../http-api"

  name        = var.name
  description = "Disaster recovery: plans, executions and what a person may do to them."
  # One by one and not ANY, which would also catch the preflight requests of browsers: those carry no token.
  routes = {
    for method in ["DELETE", "GET", "POST", "PUT"] : "${method} /{proxy+}" => {
      function_arn  = module.function["api-handler"].arn
      function_name = module.function["api-handler"].name
      authorization = "JWT"
    }
  }
  jwt                = { issuer = module.users.issuer, audience = [module.users.client_id] }
  throttling         = var.api.throttling
  cors               = var.api.cors
  custom_domain      = var.api.custom_domain
  kms_key_arn        = var.kms_key_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags
}
