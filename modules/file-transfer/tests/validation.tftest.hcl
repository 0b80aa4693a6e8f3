mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                = "file-transfer"
  definition_template = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true}}}"
  package             = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  layer               = { s3_bucket = "artifacts", s3_key = "layer.zip" }
  landing             = { bucket_name = "landing-zone" }
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "FileTransfer"
  }

  expect_failures = [var.name]
}

run "a_prefix_without_its_slash" {
  command = plan

  variables {
    landing = { bucket_name = "landing-zone", sftp_prefix = "from-sftp", source_prefixes = ["from-sftp"] }
  }

  expect_failures = [var.landing]
}

run "an_sftp_prefix_that_is_no_source" {
  command = plan

  variables {
    landing = { bucket_name = "landing-zone", sftp_prefix = "sftp/", source_prefixes = ["from-s3/"] }
  }

  expect_failures = [var.landing]
}

run "a_target_of_unknown_type" {
  command = plan

  variables {
    targets = { a = { type = "FTP", bucket = "b" } }
  }

  expect_failures = [var.targets]
}

run "a_target_prefix_without_its_slash" {
  command = plan

  variables {
    targets = { a = { type = "S3", bucket = "b", prefix = "/x" } }
  }

  expect_failures = [var.targets]
}

run "a_workflow_id_with_spaces" {
  command = plan

  variables {
    workflows = { "copy it" = { sourceType = "S3", targetType = "S3", sourcePrefix = "in/", targets = {} } }
  }

  expect_failures = [var.workflows]
}

run "a_source_prefix_without_its_slash" {
  command = plan

  variables {
    workflows = { w = { sourceType = "S3", targetType = "S3", sourcePrefix = "in", targets = {} } }
  }

  expect_failures = [var.workflows]
}

run "a_target_uri_of_the_other_type" {
  command = plan

  variables {
    workflows = { w = { sourceType = "S3", targetType = "S3", sourcePrefix = "in/", targets = { s3 = { type = "S3", uri = "sftp://x/" } } } }
  }

  expect_failures = [var.workflows]
}

run "a_definition_that_is_none" {
  command = plan

  variables {
    definition_template = "asl/file_transfer.asl.json"
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

run "a_message_that_is_received_once" {
  command = plan

  variables {
    intake = { max_receive_count = 1 }
  }

  expect_failures = [var.intake]
}

run "a_lease_longer_than_the_visibility_timeout" {
  command = plan

  variables {
    intake = { lease_seconds = 360, visibility_timeout_seconds = 300 }
  }

  expect_failures = [var.intake]
}

run "a_retry_later_than_sqs_can_delay" {
  command = plan

  variables {
    retry = { base_delay_seconds = 60, max_delay_seconds = 3600 }
  }

  expect_failures = [var.retry]
}

run "files_larger_than_the_copy_function_takes_without_the_add_on" {
  command = plan

  variables {
    settings = { max_copy_bytes = 107374182401 }
  }

  expect_failures = [var.settings]
}

run "one_copy_of_more_than_s3_copies_at_once" {
  command = plan

  variables {
    settings = { copy_object_bytes = 5368709121 }
  }

  expect_failures = [var.settings]
}

run "parts_too_small_for_the_largest_file" {
  command = plan

  variables {
    settings = { part_bytes = 5242880 }
  }

  expect_failures = [var.settings]
}

run "an_unknown_way_with_unconfirmed_uploads" {
  command = plan

  variables {
    intake = { sweep = { unconfirmed_uploads = "HOPE" } }
  }

  expect_failures = [var.intake]
}

run "a_sweep_that_looks_back_less_than_it_settles" {
  command = plan

  variables {
    intake = { sweep = { settle_seconds = 7200, lookback_hours = 1 } }
  }

  expect_failures = [var.intake]
}

run "a_section_of_a_workflow_that_is_no_json" {
  command = plan

  variables {
    workflows = { w = {
      sourceType = "S3", targetType = "S3", sourcePrefix = "a/", sections = { rules = "{" },
      targets    = { s3 = { type = "S3", uri = "s3://b/" } }
    } }
  }

  expect_failures = [var.workflows]
}

run "a_pipe_batch_of_eleven" {
  command = plan

  variables {
    settings = { pipe_batch_size = 11 }
  }

  expect_failures = [var.settings]
}

run "a_log_retention_that_is_not_offered" {
  command = plan

  variables {
    log_retention_days = 2
  }

  expect_failures = [var.log_retention_days]
}

run "a_stream_that_gives_up_before_a_notification" {
  command = plan

  variables {
    notifications = { max_attempts = 5, stream_retry_attempts = 5 }
  }

  expect_failures = [var.notifications]
}
