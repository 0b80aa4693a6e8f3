mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example"
}

run "refuses_a_name_the_roles_cannot_carry" {
  command = plan

  variables {
    name = "a name with spaces"
  }

  expect_failures = [var.name]
}

run "refuses_a_security_policy_with_old_ciphers" {
  command = plan

  variables {
    security_policy_name = "TransferSecurityPolicy-2018-11"
  }

  expect_failures = [var.security_policy_name]
}

run "refuses_addresses_that_do_not_match_the_subnets" {
  command = plan

  variables {
    vpc_endpoint = {
      vpc_id                 = "vpc-1"
      subnet_ids             = ["subnet-1", "subnet-2"]
      security_group_ids     = ["sg-1"]
      address_allocation_ids = ["eipalloc-1"]
    }
  }

  expect_failures = [var.vpc_endpoint]
}

run "refuses_a_login_name_transfer_family_refuses" {
  command = plan

  variables {
    users = { "a b" = { home = { bucket = "landing" } } }
  }

  expect_failures = [var.users]
}

run "refuses_a_user_whose_role_name_would_be_too_long" {
  command = plan

  variables {
    users = { "${join("", [for i in range(60) : "u"])}" = { home = { bucket = "landing" } } }
  }

  expect_failures = [var.users]
}

run "refuses_an_unknown_access_mode" {
  command = plan

  variables {
    users = { partner = { home = { bucket = "landing" }, access = "full" } }
  }

  expect_failures = [var.users]
}

run "refuses_a_home_prefix_that_iam_reads_as_a_pattern" {
  command = plan

  variables {
    users = { partner = { home = { bucket = "landing", prefix = "inbound/*" } } }
  }

  expect_failures = [var.users]
}

run "refuses_a_home_prefix_with_a_leading_slash" {
  command = plan

  variables {
    users = { partner = { home = { bucket = "landing", prefix = "/inbound" } } }
  }

  expect_failures = [var.users]
}

run "refuses_a_key_that_is_no_openssh_public_key" {
  command = plan

  variables {
    users = { partner = { home = { bucket = "landing" }, ssh_public_keys = { laptop = "-----BEGIN OPENSSH PRIVATE KEY-----" } } }
  }

  expect_failures = [var.users]
}

run "refuses_a_retention_cloudwatch_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_an_unknown_way_to_authenticate" {
  command = plan

  variables {
    identity_provider = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:who", authentication_methods = "FACE" }
  }

  expect_failures = [var.identity_provider]
}

run "refuses_users_beside_an_identity_provider" {
  command = plan

  variables {
    identity_provider = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:who" }
    users             = { partner = { home = { bucket = "landing" } } }
  }

  expect_failures = [var.identity_provider]
}
