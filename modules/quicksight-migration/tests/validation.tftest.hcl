mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name                = "biops"
  definition_template = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\"Output\":\"$${approval_timeout_seconds} $${worker_timeout_seconds} $${updater_timeout_seconds}\"}}}"
  package             = { s3_bucket = "artifacts", s3_key = "quicksight_migration.zip" }
  layer               = { s3_bucket = "artifacts", s3_key = "layer.zip" }
  bundle_bucket       = { name = "example-bi-bundles" }

  source_accounts = {
    development = {
      account_id  = "444455556666"
      region      = "us-east-1"
      role_arn    = "arn:aws:iam::444455556666:role/towpath-bi-source"
      external_id = "towpath-7d1f0c52a9e4"
    }
  }
  target_accounts = {
    production = {
      account_id      = "777788889999"
      region          = "eu-central-1"
      identity_region = "us-east-1"
      role_arn        = "arn:aws:iam::777788889999:role/towpath-bi-target"
      external_id     = "towpath-81c3b7720d5f"
      staging_bucket  = "example-bi-staging"
      approval        = "SECOND_PERSON"
      tenant_id       = "sales"
    }
  }
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "BiOps"
  }

  expect_failures = [var.name]
}

run "bundles_gone_before_an_export_is" {
  command = plan

  variables {
    bundle_bucket = { name = "example-bi-bundles", expiration_days = 7 }
  }

  expect_failures = [var.bundle_bucket]
}

run "no_source_at_all" {
  command = plan

  variables {
    source_accounts = {}
  }

  expect_failures = [var.source_accounts]
}

run "a_source_role_of_another_account" {
  command = plan

  variables {
    source_accounts = { development = { account_id = "444455556666", region = "us-east-1", role_arn = "arn:aws:iam::777788889999:role/r", external_id = "towpath-7d1f0c52a9e4" } }
  }

  expect_failures = [var.source_accounts]
}

run "no_target_at_all" {
  command = plan

  variables {
    target_accounts = {}
  }

  expect_failures = [var.target_accounts]
}

run "a_target_whose_id_is_a_name" {
  command = plan

  variables {
    target_accounts = { production = { account_id = "production", region = "us-east-1", role_arn = "arn:aws:iam::production:role/r", external_id = "towpath-7d1f0c52a9e4", staging_bucket = "b-b" } }
  }

  expect_failures = [var.target_accounts]
}

run "an_approval_that_does_not_exist" {
  command = plan

  variables {
    target_accounts = { production = { account_id = "777788889999", region = "us-east-1", role_arn = "arn:aws:iam::777788889999:role/r", external_id = "towpath-7d1f0c52a9e4", staging_bucket = "b-b", approval = "MAYBE" } }
  }

  expect_failures = [var.target_accounts]
}

run "more_accounts_than_an_environment_holds" {
  command = plan

  variables {
    target_accounts = { for number in range(12) : "production-${number}" => {
      account_id     = format("%012d", number)
      region         = "us-east-1"
      role_arn       = "arn:aws:iam::${format("%012d", number)}:role/towpath-bi-target"
      external_id    = "towpath-7d1f0c52a9e4"
      staging_bucket = "example-bi-staging-${number}"
    } }
  }

  expect_failures = [var.target_accounts]
}

run "a_permission_that_does_not_exist" {
  command = plan

  variables {
    user_access = { groups = { admins = { permissions = ["everything"] } } }
  }

  expect_failures = [var.user_access]
}

run "a_definition_that_is_none" {
  command = plan

  variables {
    definition_template = "asl/quicksight_migration.asl.json"
  }

  expect_failures = [var.definition_template]
}

run "a_package_that_is_nowhere" {
  command = plan

  variables {
    package = {}
  }

  expect_failures = [var.package]
}

run "a_zip_whose_hash_is_missing" {
  command = plan

  variables {
    package = { filename = "x.zip" }
  }

  expect_failures = [var.package]
}

run "a_layer_in_both_forms" {
  command = plan

  variables {
    layer = { filename = "x.zip", s3_bucket = "b", s3_key = "k" }
  }

  expect_failures = [var.layer]
}

run "polls_that_never_rest" {
  command = plan

  variables {
    migration = { poll_seconds = 0 }
  }

  expect_failures = [var.migration]
}

run "more_slots_than_quicksight_has" {
  command = plan

  variables {
    migration = { import_slots = 6 }
  }

  expect_failures = [var.migration]
}

run "an_approval_that_waits_longer_than_a_run_may" {
  command = plan

  variables {
    migration = { approval_timeout_seconds = 40000000 }
  }

  expect_failures = [var.migration]
}

run "a_step_that_has_no_time" {
  command = plan

  variables {
    migration = { step_limit_seconds = 5 }
  }

  expect_failures = [var.migration]
}

run "a_log_retention_that_is_not_offered" {
  command = plan

  variables {
    log_retention_days = 2
  }

  expect_failures = [var.log_retention_days]
}
