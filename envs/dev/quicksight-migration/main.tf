locals {
  source_role_arn = "arn:aws:iam::${var.source_account.account_id}:role/towpath-bi-source"
  target_role_arn = "arn:aws:iam::${var.target_account.account_id}:role/towpath-bi-target"
  staging_bucket  = "towpath-dev-${var.target_account.account_id}-bi-staging"
}

module "quicksight_migration" {
  source = "../../../modules/quicksight-migration"

  name                = "biops"
  definition_template = file("${path.module}/../../../asl/quicksight_migration.asl.json")
  package             = var.package
  layer               = var.layer
  kms_key_arn         = var.kms_key_arn
  alarm_actions       = var.alarm_actions

  bundle_bucket = { name = "towpath-dev-${var.account_id}-bi-bundles" }

  source_accounts = { source = merge(var.source_account, { role_arn = local.source_role_arn }) }
  target_accounts = { target = merge(var.target_account, { role_arn = local.target_role_arn, staging_bucket = local.staging_bucket }) }

  api         = { custom_domain = var.api_domain }
  live        = { custom_domain = var.live_domain, account_log_role_arn = one(module.api_gateway_account[*].role_arn) }
  migration   = { notification_emails = var.notification_emails }
  job_records = { deletion_protection = false }
}

# WebSocket APIs write logs as a role of the account and Region. Where there is one already, it stays.
module "api_gateway_account" {
  source = "../../../modules/api-gateway-account"
  count  = var.sets_api_gateway_log_role ? 1 : 0

  name = "towpath-api-gateway-logs"
}

# One source and one target have a provider here. More accounts are added to the lists above by their roles' ARNs, and call the
# module in stacks of their own.
module "source" {
  source    = "../../../modules/quicksight-migration-account"
  providers = { aws = aws.source }

  name              = "towpath-bi-source"
  side              = "SOURCE"
  external_id       = var.source_account.external_id
  organization_id   = var.organization_id
  trusted_role_arns = module.quicksight_migration.source_worker_role_arns
  quicksight        = { region = var.source_account.region, identity_region = var.source_account.identity_region }
}

module "target" {
  source    = "../../../modules/quicksight-migration-account"
  providers = { aws = aws.target }

  name              = "towpath-bi-target"
  side              = "TARGET"
  external_id       = var.target_account.external_id
  organization_id   = var.organization_id
  trusted_role_arns = module.quicksight_migration.target_worker_role_arns
  staging_bucket    = { name = local.staging_bucket, kms_key_arn = var.target_account.staging_kms_key_arn }
  quicksight = {
    region          = var.target_account.region
    identity_region = var.target_account.identity_region
    data_role_arns  = var.target_account.data_role_arns
  }
}

# A WAF cannot be attached to an HTTP API: it stands in front (docs/adr/0015-waf-in-front-of-an-http-api.md).
module "edge" {
  source = "../../../modules/web-distribution"
  count  = var.edge == null ? 0 : 1

  providers = { aws = aws.us_east_1 }

  name              = "quicksight-migration"
  origin_host_name  = module.quicksight_migration.api_host_name
  viewer_domain     = var.edge.viewer_domain
  allowed_countries = var.edge.allowed_countries
}
