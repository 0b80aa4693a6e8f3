mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name              = "towpath-bi-target"
  side              = "TARGET"
  external_id       = "towpath-7d1f0c52a9e4"
  trusted_role_arns = ["arn:aws:iam::111122223333:role/biops-preflight", "arn:aws:iam::111122223333:role/biops-import-assets"]
  quicksight        = { region = "eu-central-1" }
  staging_bucket    = { name = "example-bi-staging" }
}

run "a_name_iam_refuses" {
  command = plan

  variables {
    name = "bi target"
  }

  expect_failures = [var.name]
}

run "a_side_that_is_neither" {
  command = plan

  variables {
    side = "BOTH"
  }

  expect_failures = [var.side]
}

run "an_external_id_that_is_guessed" {
  command = plan

  variables {
    external_id = "towpath"
  }

  expect_failures = [var.external_id]
}

run "an_account_that_is_trusted_as_a_whole" {
  command = plan

  variables {
    trusted_role_arns = ["arn:aws:iam::111122223333:root"]
  }

  expect_failures = [var.trusted_role_arns]
}

run "nobody_that_is_trusted" {
  command = plan

  variables {
    trusted_role_arns = []
  }

  expect_failures = [var.trusted_role_arns]
}

run "roles_that_are_trusted_by_a_pattern" {
  command = plan

  variables {
    trusted_role_arns = ["arn:aws:iam::111122223333:role/biops-*"]
  }

  expect_failures = [var.trusted_role_arns]
}

run "an_organisation_that_is_none" {
  command = plan

  variables {
    organization_id = "example"
  }

  expect_failures = [var.organization_id]
}

run "a_region_that_is_none" {
  command = plan

  variables {
    quicksight = { region = "Frankfurt" }
  }

  expect_failures = [var.quicksight]
}

run "a_namespace_with_a_wildcard" {
  command = plan

  variables {
    quicksight = { region = "eu-central-1", namespace = "*" }
  }

  expect_failures = [var.quicksight]
}

run "a_data_role_by_a_pattern" {
  command = plan

  variables {
    quicksight = { region = "eu-central-1", data_role_arns = { any = "arn:aws:iam::444455556666:role/*" } }
  }

  expect_failures = [var.quicksight]
}

run "a_target_without_a_staging_bucket" {
  command = plan

  variables {
    staging_bucket = null
  }

  expect_failures = [var.staging_bucket]
}

run "a_source_with_a_staging_bucket" {
  command = plan

  variables {
    side = "SOURCE"
  }

  expect_failures = [var.staging_bucket]
}

run "bundles_that_expire_at_once" {
  command = plan

  variables {
    staging_bucket = { name = "example-bi-staging", expiration_days = 0 }
  }

  expect_failures = [var.staging_bucket]
}
