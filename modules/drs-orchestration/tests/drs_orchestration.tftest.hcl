mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_module {
  target          = module.tables
  override_during = plan
  outputs = {
    names = { for name in ["protection-groups", "recovery-plans", "execution-history"] : name => name }
    arns = {
      for name in ["protection-groups", "recovery-plans", "execution-history"] : name => "arn:aws:dynamodb:us-east-1:111122223333:table/${name}"
    }
    index_arns = {
      protection-groups = { NameIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/protection-groups/index/NameIndex" }
      recovery-plans    = { NameIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/recovery-plans/index/NameIndex" }
      execution-history = { StatusIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/execution-history/index/StatusIndex" }
    }
    stream_arns = {}
  }
}

variables {
  name                = "disaster-recovery"
  definition_template = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\"Output\":\"$${heartbeat_seconds} $${cancel_limit_seconds} $${orchestration_timeout_seconds}\"}}}"
  package             = { s3_bucket = "artifacts", s3_key = "disaster_recovery.zip" }
  layer               = { s3_bucket = "artifacts", s3_key = "layer.zip" }
}

run "three_tables_with_the_names_of_the_brief" {
  command = plan

  assert {
    condition     = toset(keys(local.tables)) == toset(["protection-groups", "recovery-plans", "execution-history"])
    error_message = "The brief names three tables."
  }

  assert {
    condition = (
      local.tables["execution-history"].hash_key == "executionId" && local.tables["execution-history"].range_key == "record" &&
      local.tables["execution-history"].ttl_attribute == "expiresAt" &&
      local.tables["execution-history"].global_secondary_indexes.StatusIndex.hash_key == "status" &&
      local.tables["execution-history"].global_secondary_indexes.StatusIndex.range_key == "startedAt"
    )
    error_message = "The finder looks for executions by status in the order in which they began."
  }

  assert {
    condition     = alltrue([for table in values(local.tables) : table.point_in_time_recovery && table.deletion_protection])
    error_message = "A plan that cannot be restored is none."
  }
}

run "records_may_be_kept_less_safely_where_it_is_said" {
  command = plan

  variables {
    records = { point_in_time_recovery = false, deletion_protection = false, retention_days = 400 }
  }

  assert {
    condition     = alltrue([for table in values(local.tables) : !table.point_in_time_recovery && !table.deletion_protection])
    error_message = "The settings do not reach the tables."
  }

  assert {
    condition     = alltrue([for name in ["api-handler", "execution-poller", "orchestration"] : local.functions[name].environment.RETENTION_DAYS == "400"])
    error_message = "Records would not expire after the days that were set."
  }
}

run "results_of_launches_wake_the_finder" {
  command = plan

  assert {
    condition = jsondecode(local.wake_rules.launches.event_pattern) == {
      source      = ["aws.drs"]
      detail-type = ["DRS Source Server Launch Result"]
    }
    error_message = "The next wave would wait for the schedule."
  }

  assert {
    condition = (
      local.functions["execution-finder"].queue_sources.wake.maximum_batching_window_in_seconds == 1 &&
      local.functions["execution-finder"].queue_sources.wake.batch_size == 100
    )
    error_message = "Events of one job would invoke the poller one by one, or late."
  }

  assert {
    condition     = var.orchestration.schedule_expression == "rate(1 minute)"
    error_message = "Lost events are healed within a minute by default."
  }
}

run "the_machine_is_rendered_with_its_numbers" {
  command = plan

  assert {
    condition     = jsondecode(local.definition).States.A.Output == "900 86400 120"
    error_message = "A placeholder of the definition was not rendered."
  }
}

run "handlers_are_those_of_the_package" {
  command = plan

  assert {
    condition = { for name, settings in local.functions : name => settings.handler } == {
      api-handler      = "disaster_recovery.api_handler.handler"
      execution-finder = "disaster_recovery.execution_finder.handler"
      execution-poller = "disaster_recovery.execution_poller.handler"
      orchestration    = "disaster_recovery.orchestration.handler"
    }
    error_message = "A function would not find its handler."
  }

  assert {
    condition     = local.functions["api-handler"].timeout < 30
    error_message = "API Gateway waits for 30 seconds: a caller would see 503 while the function still works."
  }
}

run "groups_may_do_what_the_brief_s_roles_may" {
  command = plan

  assert {
    condition = jsondecode(local.functions["api-handler"].environment.ROLE_GROUPS) == {
      dr-drill     = ["view", "drill"]
      dr-recover   = ["view", "drill", "recover"]
      dr-terminate = ["view", "terminate"]
      dr-view      = ["view"]
    }
    error_message = "A group's members may do more or less."
  }

  assert {
    condition     = output.group_names == tolist(["dr-drill", "dr-recover", "dr-terminate", "dr-view"])
    error_message = "The user pool has other groups than the API knows."
  }

  assert {
    condition     = var.access.session_minutes == 45 && var.access.mfa_configuration == "ON"
    error_message = "A session is longer than the brief allows, or a password alone is enough."
  }
}

run "somebody_is_told_when_things_fail_or_stand_still" {
  command = plan

  assert {
    condition     = toset(keys(merge(local.system_alarms, local.queue_alarms))) == toset(["executions-failed", "ticks-missing", "wake-dead-letters", "schedule-dead-letters"])
    error_message = "Every way in which executions stand still has an alarm."
  }

  assert {
    condition     = toset(keys(local.function_alarms)) == toset(["api-handler-errors", "execution-finder-errors", "execution-poller-errors", "orchestration-errors"])
    error_message = "Every function has an alarm on its errors."
  }

  assert {
    condition     = local.system_alarms["ticks-missing"].comparison_operator == "LessThanThreshold" && local.system_alarms["ticks-missing"].treat_missing_data == "breaching"
    error_message = "A schedule that stopped makes no data, which must be an alarm."
  }
}

run "outputs_name_what_a_client_needs" {
  command = plan

  assert {
    condition = (
      output.api_endpoint == "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" &&
      output.api_host_name == "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" &&
      output.user_pool_id == "us-east-1_AbCdEfGhI" && output.user_pool_client_id == "1example23456789"
    )
    error_message = "A client would sign in elsewhere, or call another API."
  }

  assert {
    condition = (
      output.function_names["execution-poller"] == "disaster-recovery-execution-poller" &&
      output.role_names.functions["execution-poller"] == "disaster-recovery-execution-poller" &&
      output.role_names.state_machine == "disaster-recovery" &&
      output.launch_rule_name == "disaster-recovery-wake-launches" && output.schedule_rule_name == "disaster-recovery-tick"
    )
    error_message = "An output names another function, role or rule."
  }
}
