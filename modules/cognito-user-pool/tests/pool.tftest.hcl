mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name = "example"
  groups = {
    view  = { description = "Sees everything, changes nothing." }
    drill = { description = "Starts drills." }
  }
}

run "users_are_invited_and_prove_who_they_are_twice" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    error_message = "Anybody could make themselves a user."
  }

  assert {
    condition     = aws_cognito_user_pool.this.mfa_configuration == "ON" && aws_cognito_user_pool.this.software_token_mfa_configuration[0].enabled
    error_message = "A password alone would do."
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.username_attributes == toset(["email"]) &&
      aws_cognito_user_pool.this.username_configuration[0].case_sensitive == false &&
      aws_cognito_user_pool.this.account_recovery_setting[0].recovery_mechanism == toset([{ name = "verified_email", priority = 1 }])
    )
    error_message = "Users do not log in, or do not recover, by their e-mail address."
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.password_policy[0].minimum_length == 14 &&
      aws_cognito_user_pool.this.password_policy[0].require_symbols &&
      aws_cognito_user_pool.this.password_policy[0].require_numbers &&
      aws_cognito_user_pool.this.password_policy[0].require_uppercase &&
      aws_cognito_user_pool.this.password_policy[0].require_lowercase &&
      aws_cognito_user_pool.this.password_policy[0].temporary_password_validity_days == 3
    )
    error_message = "Passwords may be weak, or invitations last."
  }

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "ACTIVE"
    error_message = "A plan could delete all users."
  }
}

run "a_session_ends_after_45_minutes" {
  command = plan

  assert {
    condition = (
      aws_cognito_user_pool_client.this.access_token_validity == 45 && aws_cognito_user_pool_client.this.id_token_validity == 45 &&
      alltrue([for unit in values(aws_cognito_user_pool_client.this.token_validity_units[0]) : unit == "minutes"])
    )
    error_message = "Tokens are good for another time than the default."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.explicit_auth_flows == toset(["ALLOW_USER_SRP_AUTH"])
    error_message = "New tokens are given without a login, or passwords are sent over the line."
  }
}

run "a_session_may_be_refreshed_where_asked_for" {
  command = plan

  variables {
    token_validity_minutes   = 15
    refresh_validity_minutes = 480
    auth_flows               = ["ALLOW_USER_PASSWORD_AUTH"]
  }

  assert {
    condition = (
      aws_cognito_user_pool_client.this.access_token_validity == 15 && aws_cognito_user_pool_client.this.id_token_validity == 15 &&
      aws_cognito_user_pool_client.this.refresh_token_validity == 480 &&
      aws_cognito_user_pool_client.this.explicit_auth_flows == toset(["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"])
    )
    error_message = "The session's settings do not reach the client."
  }
}

run "client_has_no_secret_and_tells_nobody_who_exists" {
  command = plan

  assert {
    condition = (
      aws_cognito_user_pool_client.this.generate_secret == false &&
      aws_cognito_user_pool_client.this.prevent_user_existence_errors == "ENABLED" &&
      aws_cognito_user_pool_client.this.enable_token_revocation &&
      aws_cognito_user_pool_client.this.supported_identity_providers == toset(["COGNITO"]) &&
      aws_cognito_user_pool_client.this.user_pool_id == "us-east-1_AbCdEfGhI"
    )
    error_message = "The client has a secret it cannot keep, or answers whether a user exists."
  }
}

run "groups_are_made_by_name" {
  command = plan

  assert {
    condition = { for key, group in aws_cognito_user_group.this : group.name => group.description } == {
      drill = "Starts drills."
      view  = "Sees everything, changes nothing."
    }
    error_message = "A group is missing or described otherwise."
  }

  assert {
    condition     = output.group_names == tolist(["drill", "view"])
    error_message = "The output lacks a group."
  }
}

run "threat_protection_is_paid_for_only_when_asked_for" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool.this.user_pool_tier == "ESSENTIALS" && length(aws_cognito_user_pool.this.user_pool_add_ons) == 0
    error_message = "The dearer tier is chosen unasked."
  }
}

run "settings_reach_the_pool" {
  command = plan

  variables {
    mfa_configuration   = "OPTIONAL"
    threat_protection   = "ENFORCED"
    deletion_protection = false
    password_policy     = { minimum_length = 20, temporary_password_validity_days = 1 }
    tags                = { team = "ops" }
  }

  assert {
    condition     = aws_cognito_user_pool.this.user_pool_tier == "PLUS" && aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "ENFORCED"
    error_message = "Threat protection does nothing in another tier than PLUS."
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.mfa_configuration == "OPTIONAL" && aws_cognito_user_pool.this.deletion_protection == "INACTIVE" &&
      aws_cognito_user_pool.this.password_policy[0].minimum_length == 20 &&
      aws_cognito_user_pool.this.password_policy[0].temporary_password_validity_days == 1 &&
      aws_cognito_user_pool.this.tags == tomap({ team = "ops" })
    )
    error_message = "A setting does not reach the pool."
  }
}

run "outputs_name_pool_client_and_issuer" {
  command = plan

  assert {
    condition = (
      output.user_pool_id == "us-east-1_AbCdEfGhI" && output.client_id == "1example23456789" &&
      output.arn == "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_AbCdEfGhI" &&
      output.issuer == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI"
    )
    error_message = "An authorizer that trusts these outputs would trust somebody else."
  }
}
