# The API, the people who may use it, and the queue of replays. What it is about belongs to the module file-transfer.

module "users" {
  source = "../cognito-user-pool"

  name                   = var.name
  groups                 = { for group, settings in var.people.groups : group => { description = settings.description } }
  token_validity_minutes = var.people.session_minutes
  mfa_configuration      = var.people.mfa_configuration
  auth_flows             = var.people.auth_flows
  deletion_protection    = var.people.deletion_protection
  tags                   = var.tags
}

module "api" {
  source = "../http-api"

  name        = var.name
  description = "File transfer: transfers, failures, definitions, and what a person may do about them."
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

# A replay of many transfers takes as many turns of its function as it needs: each is a message.
module "replays" {
  source = "../eventbridge-sqs"

  name = "${var.name}-replays"
  queue = {
    visibility_timeout_seconds = 6 * var.replays.function_timeout_seconds # Lambda asks for six times the function's timeout
    max_receive_count          = 5
  }
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}
