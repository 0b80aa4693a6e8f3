# The migration system on the local cloud: the same modules as in dev and prod, with short times, in three accounts.
locals {
  tags = { Environment = "local", System = "quicksight-migration" }

  source_account = { account_id = "111111111111", external_id = "towpath-local-source" }
  target_account = { account_id = "222222222222", external_id = "towpath-local-target" }
}

module "quicksight_migration" {
  source = "../../../modules/quicksight-migration"

  name                = "biops"
  definition_template = file("${path.module}/../../../asl/quicksight_migration.asl.json")
  package             = var.package
  layer               = var.layer
  lambda              = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }

  bundle_bucket = { name = "towpath-bi-bundles", force_destroy = true }

  source_accounts = {
    development = {
      account_id  = local.source_account.account_id
      region      = "us-east-1"
      role_arn    = "arn:aws:iam::${local.source_account.account_id}:role/towpath-bi-source"
      external_id = local.source_account.external_id
    }
  }
  target_accounts = {
    production = {
      account_id     = local.target_account.account_id
      region         = "us-east-1"
      role_arn       = "arn:aws:iam::${local.target_account.account_id}:role/towpath-bi-target"
      external_id    = local.target_account.external_id
      staging_bucket = "towpath-bi-staging"
      approval       = "REQUIRED"
    }
  }

  # A machine without a telephone signs in here: no second factor.
  user_access = {
    mfa_configuration = "OPTIONAL"
    groups = {
      bi-view    = { description = "Sees everything, changes nothing.", permissions = ["view"] }
      bi-migrate = { description = "Starts, retries and cancels migrations.", permissions = ["view", "migrate"] }
      bi-approve = { description = "Approves and rejects plans.", permissions = ["view", "approve"] }
      bi-restore = { description = "Puts targets back as they were before a job.", permissions = ["view", "restore"] }
      bi-another = { description = "Another tenant's people.", permissions = ["view", "migrate"], tenants = ["another"] }
    }
  }
  migration   = { poll_seconds = 1 }
  job_records = { deletion_protection = false }
}

module "source" {
  source    = "../../../modules/quicksight-migration-account"
  providers = { aws = aws.source }

  name              = "towpath-bi-source"
  side              = "SOURCE"
  external_id       = local.source_account.external_id
  trusted_role_arns = module.quicksight_migration.source_worker_role_arns
  quicksight        = { region = "us-east-1" }
}

module "target" {
  source    = "../../../modules/quicksight-migration-account"
  providers = { aws = aws.target }

  name              = "towpath-bi-target"
  side              = "TARGET"
  external_id       = local.target_account.external_id
  trusted_role_arns = module.quicksight_migration.target_worker_role_arns
  quicksight        = { region = "us-east-1" }
  staging_bucket    = { name = "towpath-bi-staging", force_destroy = true }
}
