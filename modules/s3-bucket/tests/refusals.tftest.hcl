mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example-landing"
}

run "refuses_a_name_s3_refuses" {
  command = plan

  variables {
    name = "Landing_Bucket"
  }

  expect_failures = [var.name]
}

run "refuses_to_abort_uploads_at_once" {
  command = plan

  variables {
    lifecycle_rules = { abort_multipart_days = 0 }
  }

  expect_failures = [var.lifecycle_rules]
}

run "refuses_to_expire_objects_at_once" {
  command = plan

  variables {
    lifecycle_rules = { expiration_days = 0 }
  }

  expect_failures = [var.lifecycle_rules]
}

run "refuses_to_expire_versions_that_are_not_kept" {
  command = plan

  variables {
    versioning      = false
    lifecycle_rules = { noncurrent_days = 30 }
  }

  expect_failures = [var.lifecycle_rules]
}

run "refuses_a_bucket_policy_that_is_no_document" {
  command = plan

  variables {
    bucket_policy = "s3:PutObject"
  }

  expect_failures = [var.bucket_policy]
}

run "refuses_a_lock_of_another_kind" {
  command = plan

  variables {
    object_lock = { mode = "LEGAL", days = 1 }
  }

  expect_failures = [var.object_lock]
}

run "refuses_to_lock_what_has_no_versions" {
  command = plan

  variables {
    versioning  = false
    object_lock = { mode = "GOVERNANCE", days = 1 }
  }

  expect_failures = [var.object_lock]
}
