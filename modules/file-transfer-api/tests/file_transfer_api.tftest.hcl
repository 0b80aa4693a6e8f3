mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name    = "file-transfer"
  package = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }

  file_transfer = {
    landing_bucket  = { name = "example-landing" }
    source_prefixes = ["from-sftp/"]
    sftp_targets    = { partner = { bucket = "example-partner", prefix = "home/" } }
    limits          = { copy_object_bytes = 5368709120, large_file_bytes = 107374182400, max_copy_bytes = 107374182400 }
    add_ons         = { content = true, connectors = false, large_files = false, notifications = true }
    table_names     = { for name in ["FileTransferStatus", "CustomerFileIndex", "WorkflowDefinition", "FileTransferAuditLog", "TransferFailureQueue", "TransferNotificationLog", "FileTransferControl", "TransferExpectation"] : name => "dev-${name}" }
    table_arns      = { for name in ["FileTransferStatus", "CustomerFileIndex", "WorkflowDefinition", "FileTransferAuditLog", "TransferFailureQueue", "TransferNotificationLog", "FileTransferControl", "TransferExpectation"] : name => "arn:aws:dynamodb:us-east-1:111122223333:table/dev-${name}" }
    index_arns = {
      FileTransferStatus      = { DateStatusIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/dev-FileTransferStatus/index/DateStatusIndex" }
      WorkflowDefinition      = { for index in ["KindIndex", "SourcePrefixIndex", "SftpUserIndex"] : index => "arn:aws:dynamodb:us-east-1:111122223333:table/dev-WorkflowDefinition/index/${index}" }
      TransferFailureQueue    = { for index in ["FailureByCustomer", "FailureByWorkflow"] : index => "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferFailureQueue/index/${index}" }
      TransferNotificationLog = { FailedNotificationIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferNotificationLog/index/FailedNotificationIndex" }
      TransferExpectation     = { StatusIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/dev-TransferExpectation/index/StatusIndex" }
    }
    queue              = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/intake", arn = "arn:aws:sqs:us-east-1:111122223333:intake" }
    dead_letter_queue  = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/intake-dlq", arn = "arn:aws:sqs:us-east-1:111122223333:intake-dlq" }
    notification_queue = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/orders", arn = "arn:aws:sqs:us-east-1:111122223333:orders" }
    layer_arn          = "arn:aws:lambda:us-east-1:111122223333:layer:dependencies:1"
  }
}

run "handlers_are_those_of_the_package" {
  command = plan

  assert {
    condition = { for name, settings in local.functions : name => settings.handler } == {
      api-handler     = "file_transfer.transfers_api.handler"
      replay-failures = "file_transfer.replay_failures.handler"
    }
    error_message = "A function would not find its handler."
  }

  assert {
    condition     = local.functions["api-handler"].timeout < 30
    error_message = "API Gateway waits for 30 seconds: a caller would see 503 while the function still works."
  }

  assert {
    condition     = local.functions["replay-failures"].queue_sources.turns.batch_size == 1
    error_message = "A turn takes as long as the function may: two of them in one would not fit."
  }
}

run "a_simulation_judges_as_the_intake_does" {
  command = plan

  assert {
    condition = (
      jsondecode(local.functions["api-handler"].environment.SFTP_TARGETS) == { partner = { bucket = "example-partner", prefix = "home/" } } &&
      local.functions["api-handler"].environment.SOURCE_BUCKET == "example-landing" &&
      jsondecode(local.functions["api-handler"].environment.SOURCE_PREFIXES) == ["from-sftp/"] &&
      jsondecode(local.functions["api-handler"].environment.ADD_ONS).content &&
      local.functions["api-handler"].environment.LARGE_FILE_BYTES == "107374182400"
    )
    error_message = "The API would explain other rules than the intake goes by."
  }
}

run "groups_may_do_what_they_are_for" {
  command = plan

  assert {
    condition = jsondecode(local.functions["api-handler"].environment.ROLE_GROUPS) == {
      ft-configure = ["view", "configure"]
      ft-operate   = ["view", "operate"]
      ft-view      = ["view"]
    }
    error_message = "A group's members may do more or less."
  }

  assert {
    condition     = local.functions["api-handler"].environment.GROUP_CUSTOMERS == "{}" && var.people.session_minutes == 45 && var.people.mfa_configuration == "ON"
    error_message = "By default a group sees all customers, for 45 minutes and with a second factor."
  }

  assert {
    condition     = output.group_names == tolist(["ft-configure", "ft-operate", "ft-view"])
    error_message = "The user pool has other groups than the API knows."
  }
}

run "a_group_may_see_its_own_customers_only" {
  command = plan

  variables {
    people = { groups = { bank = { permissions = ["view", "operate"], customers = ["bankpacific"] } } }
  }

  assert {
    condition     = jsondecode(local.functions["api-handler"].environment.GROUP_CUSTOMERS) == { bank = ["bankpacific"] }
    error_message = "The group would see the files of all customers."
  }
}

run "without_the_module_of_notifications_nobody_sends_orders" {
  command = plan

  variables {
    file_transfer = {
      landing_bucket    = { name = "example-landing" }
      source_prefixes   = []
      sftp_targets      = {}
      limits            = { copy_object_bytes = 1, large_file_bytes = 1, max_copy_bytes = 1 }
      add_ons           = {}
      table_names       = { for name in ["FileTransferStatus", "CustomerFileIndex", "WorkflowDefinition", "FileTransferAuditLog", "TransferFailureQueue", "TransferNotificationLog", "FileTransferControl", "TransferExpectation"] : name => name }
      table_arns        = { for name in ["FileTransferStatus", "CustomerFileIndex", "WorkflowDefinition", "FileTransferAuditLog", "TransferFailureQueue", "TransferNotificationLog", "FileTransferControl", "TransferExpectation"] : name => name }
      index_arns        = { for name in ["FileTransferStatus", "WorkflowDefinition", "TransferFailureQueue", "TransferNotificationLog", "TransferExpectation"] : name => { KindIndex = name, SourcePrefixIndex = name } }
      queue             = { url = "u", arn = "arn:aws:sqs:us-east-1:111122223333:intake" }
      dead_letter_queue = { url = "u", arn = "arn:aws:sqs:us-east-1:111122223333:intake-dlq" }
      layer_arn         = "arn:aws:lambda:us-east-1:111122223333:layer:dependencies:1"
    }
  }

  assert {
    condition     = local.functions["api-handler"].environment.NOTIFICATION_QUEUE_URL == ""
    error_message = "The API would send orders to a queue that is not there."
  }

  assert {
    condition     = [for statement in jsondecode(local.api_handler_policy).Statement : length(statement.Resource) if statement.Sid == "SendMessages"] == [2]
    error_message = "The API may send to the intake and to replays, and to nobody else."
  }
}

run "somebody_is_told_when_the_api_fails_or_a_replay_ends_nowhere" {
  command = plan

  assert {
    condition     = toset(keys(merge(local.function_alarms, local.replay_alarms))) == toset(["api-handler-errors", "replay-failures-errors", "replays-dead-letters"])
    error_message = "Each function has an alarm on its errors, and replays on what could not be carried out."
  }
}

run "outputs_name_what_a_client_needs" {
  command = plan

  assert {
    condition = (
      output.api_endpoint == "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" &&
      output.api_host_name == "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" &&
      output.user_pool_id == "us-east-1_AbCdEfGhI" && output.user_pool_client_id == "1example23456789" &&
      output.function_names["api-handler"] == "file-transfer-api-handler" &&
      output.role_names.functions["replay-failures"] == "file-transfer-replay-failures"
    )
    error_message = "A client would sign in elsewhere, or call another API."
  }

  assert {
    condition     = output.replay_queue_url == "https://sqs.us-east-1.amazonaws.com/111122223333/queue" && output.replay_dead_letter_queue_url == "https://sqs.us-east-1.amazonaws.com/111122223333/queue"
    error_message = "An operator would look for a replay elsewhere."
  }
}
