mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name                = "disaster-recovery"
  definition_template = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\"Output\":\"$${heartbeat_seconds} $${cancel_limit_seconds} $${orchestration_timeout_seconds}\"}}}"
  package             = { s3_bucket = "artifacts", s3_key = "disaster_recovery.zip" }
  layer               = { s3_bucket = "artifacts", s3_key = "layer.zip" }
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "DisasterRecovery"
  }

  expect_failures = [var.name]
}

run "a_permission_that_does_not_exist" {
  command = plan

  variables {
    access = { groups = { admins = { permissions = ["everything"] } } }
  }

  expect_failures = [var.access]
}

run "a_role_that_is_none" {
  command = plan

  variables {
    recovery = { roles = { branch = "arn:aws:iam::444455556666:user/anna" } }
  }

  expect_failures = [var.recovery]
}

run "a_probe_that_is_a_url" {
  command = plan

  variables {
    actions = { probe_hosts = ["https://status.example.com"] }
  }

  expect_failures = [var.actions]
}

run "a_definition_that_is_none" {
  command = plan

  variables {
    definition_template = "asl/drs_recovery.asl.json"
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

run "a_heartbeat_longer_than_a_cancellation_may_take" {
  command = plan

  variables {
    orchestration = { heartbeat_seconds = 900, cancel_limit_seconds = 600 }
  }

  expect_failures = [var.orchestration]
}

run "a_second_look_that_comes_at_once" {
  command = plan

  variables {
    orchestration = { quick_poll_seconds = 0 }
  }

  expect_failures = [var.orchestration]
}

run "a_log_retention_that_is_not_offered" {
  command = plan

  variables {
    log_retention_days = 2
  }

  expect_failures = [var.log_retention_days]
}
