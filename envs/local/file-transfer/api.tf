# The API. A machine without a telephone signs in here, and tests with a password that they send: no second factor.
module "api" {
  source = "../../../modules/file-transfer-api"

  name          = "file-transfer"
  file_transfer = module.file_transfer.system
  package       = var.package
  lambda        = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }

  people = {
    mfa_configuration   = "OPTIONAL"
    auth_flows          = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]
    deletion_protection = false
    groups = {
      ft-view      = { description = "Sees everything, changes nothing.", permissions = ["view"] }
      ft-operate   = { description = "Retries, replays and redrives.", permissions = ["view", "operate"] }
      ft-configure = { description = "Changes workflow definitions.", permissions = ["view", "configure"] }
      ft-bank      = { description = "Looks after one customer.", permissions = ["view", "operate"], customers = ["bankpacific"] }
    }
  }

  # A turn ends after one page or a few: replays of the tests take several.
  replays = { function_timeout_seconds = 30 }

  # A test of the whole document asks more in a minute than people do in a day.
  api = { throttling = { burst_limit = 1000, rate_limit = 1000 } }
}

output "file_transfer_api" {
  description = "Outputs of the API: endpoint, user pool, functions, roles, queue of replays."
  value       = module.api
}
