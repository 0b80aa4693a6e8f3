mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_module {
  target          = module.tables
  override_during = plan
  outputs = {
    names = { job-runs = "biops-job-runs" }
    arns  = { job-runs = "arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs" }
    index_arns = { job-runs = {
      for index in ["AccountIndex", "StatusIndex", "TimeIndex"] : index => "arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs/index/${index}"
    } }
    stream_arns = { job-runs = "arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs/stream/2026-01-01T00:00:00.000" }
  }
}

override_module {
  target          = module.bundles
  override_during = plan
  outputs         = { name = "example-bi-bundles", arn = "arn:aws:s3:::example-bi-bundles" }
}

override_module {
  target          = module.live
  override_during = plan
  outputs = {
    url                    = "wss://f6g7h8i9j0.execute-api.us-east-1.amazonaws.com/live"
    callback_url           = "https://f6g7h8i9j0.execute-api.us-east-1.amazonaws.com/live"
    manage_connections_arn = "arn:aws:execute-api:us-east-1:111122223333:f6g7h8i9j0/live/POST/@connections/*"
    table_name             = "biops-live"
    table_arn              = "arn:aws:dynamodb:us-east-1:111122223333:table/biops-live"
  }
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

run "the_table_is_that_of_the_brief_and_told_by_a_stream" {
  command = plan

  assert {
    condition = (
      local.tables["job-runs"].hash_key == "jobId" && local.tables["job-runs"].range_key == "record" &&
      local.tables["job-runs"].stream_view_type == "NEW_AND_OLD_IMAGES" && local.tables["job-runs"].ttl_attribute == "expiresAt"
    )
    error_message = "Jobs and their steps have other keys, or their transitions are told to nobody."
  }

  assert {
    condition = {
      for name, index in local.tables["job-runs"].global_secondary_indexes : name => [index.hash_key, index.range_key]
      } == {
      AccountIndex = ["targetAccountId", "createdAt"]
      StatusIndex  = ["status", "createdAt"]
      TimeIndex    = ["kind", "createdAt"]
    }
    error_message = "A list of jobs would have to be a Scan."
  }

  assert {
    condition     = local.tables["job-runs"].point_in_time_recovery && local.tables["job-runs"].deletion_protection
    error_message = "An audit that can be lost is none."
  }
}

run "records_may_be_kept_less_safely_where_it_is_said" {
  command = plan

  variables {
    job_records = { point_in_time_recovery = false, deletion_protection = false, retention_days = 400 }
  }

  assert {
    condition     = !local.tables["job-runs"].point_in_time_recovery && !local.tables["job-runs"].deletion_protection
    error_message = "The settings do not reach the table."
  }

  assert {
    condition     = alltrue([for name in ["start-job", "api-handler", "job-status-updater", "job-reconciler"] : local.functions[name].environment.RETENTION_DAYS == "400"])
    error_message = "Records would not expire after the days that were set."
  }
}

run "handlers_are_those_of_the_package" {
  command = plan

  assert {
    condition = toset(keys(local.functions)) == toset([
      "api-handler", "backup-target", "drift-report", "export-assets", "import-assets", "job-reconciler", "job-status-updater", "job-updates",
      "live-authorizer", "live-connections", "plan-import", "preflight", "start-job", "update-permissions", "upload-assets", "verify-target",
    ])
    error_message = "The brief names the functions."
  }

  assert {
    condition     = alltrue([for name, settings in local.functions : settings.handler == "quicksight_migration.${replace(name, "-", "_")}.handler"])
    error_message = "A function would not find its handler."
  }

  assert {
    condition     = alltrue([for name in ["api-handler", "start-job", "live-connections"] : local.functions[name].timeout < 30])
    error_message = "API Gateway waits for 30 seconds: a caller would see 503 while the function still works."
  }
}

run "the_machine_is_rendered_and_waits_longer_than_its_functions_take" {
  command = plan

  assert {
    condition     = jsondecode(local.definition).States.A.Output == "604800 905 35"
    error_message = "A placeholder of the definition was not rendered."
  }

  assert {
    condition     = alltrue([for worker in values(local.workers) : worker.timeout < 905]) && local.functions["job-status-updater"].timeout < 35
    error_message = "The machine would give up on a function that still works, and call it again beside itself."
  }
}

run "what_makes_a_job_run_has_a_function_of_its_own" {
  command = plan

  assert {
    condition = local.routes == {
      "POST /jobs"                 = "start-job"
      "POST /jobs/{jobId}/restore" = "start-job"
      "POST /jobs/{jobId}/retry"   = "start-job"
      "GET /{proxy+}"              = "api-handler"
      "POST /{proxy+}"             = "api-handler"
    }
    error_message = "A route leads to another function."
  }
}

run "accounts_are_told_to_the_functions_by_their_ids" {
  command = plan

  assert {
    condition = jsondecode(local.functions["preflight"].environment.SOURCE_ACCOUNTS) == {
      "444455556666" = { name = "development", region = "us-east-1", roleArn = "arn:aws:iam::444455556666:role/towpath-bi-source", externalId = "towpath-7d1f0c52a9e4", namespace = "default" }
    }
    error_message = "A source account is told differently, or with nulls."
  }

  assert {
    condition = jsondecode(local.functions["import-assets"].environment.TARGET_ACCOUNTS) == {
      "777788889999" = {
        name           = "production"
        region         = "eu-central-1"
        identityRegion = "us-east-1"
        roleArn        = "arn:aws:iam::777788889999:role/towpath-bi-target"
        externalId     = "towpath-81c3b7720d5f"
        namespace      = "default"
        tenantId       = "sales"
        stagingBucket  = "example-bi-staging"
        approval       = "SECOND_PERSON"
      }
    }
    error_message = "A target account is told differently, or with nulls."
  }

  assert {
    condition     = var.target_accounts["production"].approval == "SECOND_PERSON" && local.functions["api-handler"].environment.TARGET_ACCOUNTS == local.functions["import-assets"].environment.TARGET_ACCOUNTS
    error_message = "The API knows other accounts than the workers."
  }
}

run "groups_may_do_what_their_names_say_for_their_tenants" {
  command = plan

  variables {
    user_access = { groups = {
      bi-view  = { permissions = ["view"] }
      bi-sales = { permissions = ["view", "migrate"], tenants = ["sales"] }
    } }
  }

  assert {
    condition     = jsondecode(local.functions["api-handler"].environment.ROLE_GROUPS) == { bi-view = ["view"], bi-sales = ["view", "migrate"] }
    error_message = "A group's members may do more or less."
  }

  assert {
    condition     = jsondecode(local.functions["start-job"].environment.GROUP_TENANTS) == { bi-sales = ["sales"] }
    error_message = "A group is limited to other tenants, or one without a limit got one."
  }

  assert {
    condition     = output.group_names == tolist(["bi-sales", "bi-view"])
    error_message = "The user pool has other groups than the API knows."
  }
}

run "nobody_has_all_permissions_by_default_and_a_password_is_not_enough" {
  command = plan

  assert {
    condition = jsondecode(local.functions["api-handler"].environment.ROLE_GROUPS) == {
      bi-approve = ["view", "approve"]
      bi-migrate = ["view", "migrate"]
      bi-restore = ["view", "restore"]
      bi-view    = ["view"]
    }
    error_message = "Whoever starts a job could approve it as a member of one group."
  }

  assert {
    condition     = var.user_access.session_minutes == 45 && var.user_access.mfa_configuration == "ON"
    error_message = "A session is longer, or a password alone is enough."
  }
}

run "runs_that_have_ended_are_looked_at_at_once_and_all_jobs_on_a_schedule" {
  command = plan

  assert {
    condition = jsondecode(local.ended_rules.runs.event_pattern) == {
      source      = ["aws.states"]
      detail-type = ["Step Functions Execution Status Change"]
      detail = {
        stateMachineArn = ["arn:aws:states:us-east-1:111122223333:stateMachine:biops-migration"]
        status          = ["ABORTED", "FAILED", "SUCCEEDED", "TIMED_OUT"]
      }
    }
    error_message = "The reconciler hears of other machines, or not of every end."
  }

  assert {
    condition     = local.functions["job-reconciler"].queue_sources.ended.batch_size == 10 && var.migration.schedule_expression == "rate(5 minutes)"
    error_message = "Lost events are healed within minutes by default."
  }

  assert {
    condition     = output.schedule_rule_names == { tick = "biops-tick", drift = "biops-drift" } && var.drift.schedule_expression == "cron(0 3 * * ? *)"
    error_message = "Drift is reported daily by default."
  }
}

run "bundles_expire_and_are_encrypted" {
  command = plan

  assert {
    condition     = var.bundle_bucket.expiration_days == 90 && var.bundle_bucket.noncurrent_days == 30 && var.bundle_bucket.force_destroy == false
    error_message = "Bundles are kept for another time than is said."
  }

  assert {
    condition     = alltrue([for key in keys(local.workers) : local.functions[key].environment.BUNDLE_BUCKET == "example-bi-bundles" && local.functions[key].environment.BUNDLE_KMS_KEY_ARN == ""])
    error_message = "A worker writes elsewhere, or under another key than the bucket's."
  }
}

run "live_updates_come_from_the_stream_of_jobs" {
  command = plan

  assert {
    condition     = [for filter in local.functions["job-updates"].stream_sources.jobs.filters : jsondecode(filter)] == [{ dynamodb = { Keys = { record = { S = ["JOB"] } } } }]
    error_message = "Steps, slots and tokens would be read by the function that tells clients."
  }

  assert {
    condition = (
      local.functions["api-handler"].environment.LIVE_URL == "wss://f6g7h8i9j0.execute-api.us-east-1.amazonaws.com/live" &&
      local.functions["job-updates"].environment.LIVE_CALLBACK_URL == "https://f6g7h8i9j0.execute-api.us-east-1.amazonaws.com/live" &&
      alltrue([for key in ["api-handler", "job-updates", "live-authorizer", "live-connections"] : local.functions[key].environment.LIVE_TABLE == "biops-live"])
    )
    error_message = "A client would be sent elsewhere, or its connection be kept elsewhere."
  }
}

run "somebody_is_told_when_things_fail_or_stand_still" {
  command = plan

  assert {
    condition = toset(keys(merge(local.job_alarms, local.queue_alarms))) == toset([
      "jobs-failed", "machine-stopped", "needs-attention", "needs-attention-machine-ended", "job-running-too-long", "ticks-missing",
      "machine-ended-dead-letters", "tick-dead-letters", "drift-dead-letters",
    ])
    error_message = "Every way in which jobs fail or stand still has an alarm."
  }

  assert {
    condition     = toset(keys(local.function_alarms)) == toset([for name in keys(local.functions) : "${name}-errors"])
    error_message = "Every function has an alarm on its errors."
  }

  assert {
    condition     = local.job_alarms["ticks-missing"].comparison_operator == "LessThanThreshold" && local.job_alarms["ticks-missing"].treat_missing_data == "breaching"
    error_message = "A schedule that stopped makes no data, which must be an alarm."
  }

  assert {
    condition     = local.job_alarms["needs-attention"].namespace == "Towpath/QuickSightMigration" && local.common_environment.POWERTOOLS_METRICS_NAMESPACE == "Towpath/QuickSightMigration"
    error_message = "The alarm listens to a namespace that nobody writes to."
  }

  assert {
    condition     = [for alarm in ["needs-attention", "needs-attention-machine-ended"] : local.job_alarms[alarm].dimensions.service] == ["biops-job-status-updater", "biops-job-reconciler"]
    error_message = "A job may be ended by the updater or by the reconciler: both count it."
  }
}

run "outputs_name_what_a_client_and_the_accounts_need" {
  command = plan

  assert {
    condition = (
      output.api_endpoint == "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" &&
      output.api_host_name == "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" &&
      output.live_url == "wss://f6g7h8i9j0.execute-api.us-east-1.amazonaws.com/live" &&
      output.user_pool_id == "us-east-1_AbCdEfGhI" && output.user_pool_client_id == "1example23456789"
    )
    error_message = "A client would sign in elsewhere, or call another API."
  }

  assert {
    condition = (
      output.table_names == { job-runs = "biops-job-runs", live = "biops-live" } && output.bundle_bucket_name == "example-bi-bundles" &&
      output.ended_rule_name == "biops-machine-ended-runs" && output.role_names.state_machine == "biops-migration" &&
      output.function_names["export-assets"] == "biops-export-assets" && output.role_names.functions["export-assets"] == "biops-export-assets"
    )
    error_message = "An output names another table, bucket, function, role or rule."
  }

  assert {
    condition     = length(output.source_worker_role_arns) == 4 && length(output.target_worker_role_arns) == 7
    error_message = "An account would trust more workers than act in it, or fewer."
  }
}

run "alerts_go_to_subscribers" {
  command = plan

  variables {
    migration = { notification_emails = { operations = "operations@example.com" } }
  }

  assert {
    condition     = aws_sns_topic.alerts.name == "biops-alerts" && aws_sns_topic_subscription.email["operations"].endpoint == "operations@example.com"
    error_message = "Nobody would be told."
  }
}
