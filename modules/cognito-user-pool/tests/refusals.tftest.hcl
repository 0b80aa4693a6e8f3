mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name = "example"
}

run "refuses_a_name_cognito_would" {
  command = plan

  variables {
    name = "who/what"
  }

  expect_failures = [var.name]
}

run "refuses_a_group_with_blanks" {
  command = plan

  variables {
    groups = { "on call" = { description = "x" } }
  }

  expect_failures = [var.groups]
}

run "refuses_tokens_that_last_for_days" {
  command = plan

  variables {
    token_validity_minutes = 1441
  }

  expect_failures = [var.token_validity_minutes]
}

run "refuses_a_refresh_below_an_hour" {
  command = plan

  variables {
    refresh_validity_minutes = 45
  }

  expect_failures = [var.refresh_validity_minutes]
}

run "refuses_an_unknown_way_to_log_in" {
  command = plan

  variables {
    auth_flows = ["ALLOW_CUSTOM_AUTH"]
  }

  expect_failures = [var.auth_flows]
}

run "refuses_a_pool_without_a_second_factor" {
  command = plan

  variables {
    mfa_configuration = "OFF"
  }

  expect_failures = [var.mfa_configuration]
}

run "refuses_short_passwords" {
  command = plan

  variables {
    password_policy = { minimum_length = 8 }
  }

  expect_failures = [var.password_policy]
}

run "refuses_invitations_that_never_end" {
  command = plan

  variables {
    password_policy = { temporary_password_validity_days = 366 }
  }

  expect_failures = [var.password_policy]
}

run "refuses_a_threat_protection_it_does_not_know" {
  command = plan

  variables {
    threat_protection = "ON"
  }

  expect_failures = [var.threat_protection]
}
