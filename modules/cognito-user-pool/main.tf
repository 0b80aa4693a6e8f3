resource "aws_cognito_user_pool" "this" {
  name                = var.name
  username_attributes = ["email"]
  mfa_configuration   = var.mfa_configuration
  deletion_protection = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  tags                = var.tags

  # Threat protection is what the PLUS tier adds; without it the price of ESSENTIALS is enough.
  user_pool_tier = var.threat_protection == "OFF" ? "ESSENTIALS" : "PLUS"

  auto_verified_attributes = ["email"]

  username_configuration {
    case_sensitive = false
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  password_policy {
    minimum_length                   = var.password_policy.minimum_length
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = true
    require_uppercase                = true
    temporary_password_validity_days = var.password_policy.temporary_password_validity_days
  }

  software_token_mfa_configuration {
    enabled = true
  }

  dynamic "user_pool_add_ons" {
    for_each = var.threat_protection == "OFF" ? [] : [var.threat_protection]

    content {
      advanced_security_mode = user_pool_add_ons.value
    }
  }
}

resource "aws_cognito_user_pool_client" "this" {
  name         = var.name
  user_pool_id = aws_cognito_user_pool.this.id

  # Command lines and browsers cannot keep a secret.
  generate_secret               = false
  explicit_auth_flows           = local.auth_flows
  supported_identity_providers  = ["COGNITO"]
  enable_token_revocation       = true
  prevent_user_existence_errors = "ENABLED"

  access_token_validity  = var.token_validity_minutes
  id_token_validity      = var.token_validity_minutes
  refresh_token_validity = coalesce(var.refresh_validity_minutes, 60)

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "minutes"
  }
}

locals {
  # Without the refresh flow a session ends with its first tokens, whatever their refresh token would be good for.
  auth_flows = sort(concat(var.auth_flows, var.refresh_validity_minutes == null ? [] : ["ALLOW_REFRESH_TOKEN_AUTH"]))
}

resource "aws_cognito_user_group" "this" {
  for_each = var.groups

  name         = each.key
  description  = each.value.description
  user_pool_id = aws_cognito_user_pool.this.id
}
