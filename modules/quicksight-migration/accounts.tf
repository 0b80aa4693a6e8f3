# The accounts that may be migrated between, as the functions are told of them: by account id, without what is not set.
locals {
  source_accounts = {
    for label, account in var.source_accounts : account.account_id => { for key, value in {
      name           = coalesce(account.name, label)
      region         = account.region
      roleArn        = account.role_arn
      externalId     = account.external_id
      identityRegion = account.identity_region
      namespace      = account.namespace
      tenantId       = account.tenant_id
    } : key => value if value != null }
  }

  target_accounts = {
    for label, account in var.target_accounts : account.account_id => { for key, value in {
      name           = coalesce(account.name, label)
      region         = account.region
      roleArn        = account.role_arn
      externalId     = account.external_id
      identityRegion = account.identity_region
      namespace      = account.namespace
      tenantId       = account.tenant_id
      stagingBucket  = account.staging_bucket
      stagingKeyArn  = account.staging_kms_key_arn
      approval       = account.approval
    } : key => value if value != null }
  }

  role_arns = {
    SOURCE = sort(distinct([for account in values(var.source_accounts) : account.role_arn]))
    TARGET = sort(distinct([for account in values(var.target_accounts) : account.role_arn]))
  }
}
