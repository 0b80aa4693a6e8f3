mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name    = "file-transfer"
  package = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  file_transfer = {
    landing_bucket  = { name = "landing-zone", arn = "arn:aws:s3:::landing-zone" }
    source_prefixes = ["from-sftp/", "from-partners/"]
    table_names     = { WorkflowDefinition = "WorkflowDefinition" }
    table_arns      = { WorkflowDefinition = "arn:aws:dynamodb:us-east-1:123456789012:table/WorkflowDefinition" }
    index_arns      = { WorkflowDefinition = { KindIndex = "arn:aws:dynamodb:us-east-1:123456789012:table/WorkflowDefinition/index/KindIndex" } }
    queue           = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/intake", arn = "arn:aws:sqs:us-east-1:123456789012:intake" }
    connector_queue = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders", arn = "arn:aws:sqs:us-east-1:123456789012:orders" }
    layer_arn       = "arn:aws:lambda:us-east-1:123456789012:layer:layer:1"
  }
  exchange = { bucket_name = "connector-exchange" }
  connectors = { partner = {
    url               = "sftp://sftp.partner.example"
    trusted_host_keys = ["ecdsa-sha2-nistp256 AAAA"]
  } }
}

run "a_connector_knows_whose_server_it_talks_to" {
  command = apply

  assert {
    condition     = aws_transfer_connector.this["partner"].url == "sftp://sftp.partner.example" && aws_transfer_connector.this["partner"].sftp_config[0].trusted_host_keys == toset(["ecdsa-sha2-nistp256 AAAA"])
    error_message = "The connector goes to the address it was given and trusts that server's key alone."
  }

  assert {
    condition     = jsondecode(local.common_environment.CONNECTOR_IDS) == { partner = "c-0123456789abcdef0" }
    error_message = "The functions know connectors by their alias."
  }
}

run "a_login_is_put_in_by_hand_unless_it_is_a_test_server_s" {
  command = apply

  variables {
    connectors = {
      partner = { url = "sftp://sftp.partner.example", trusted_host_keys = ["ecdsa-sha2-nistp256 AAAA"] }
      test    = { url = "sftp://127.0.0.1:2223", trusted_host_keys = ["ecdsa-sha2-nistp256 AAAA"], login = "{}" }
    }
  }

  assert {
    condition     = aws_secretsmanager_secret.login["partner"].name == "file-transfer/connectors/partner" && keys(aws_secretsmanager_secret_version.login) == ["test"]
    error_message = "Every connector has a secret, and only what was given is in the state."
  }
}

run "only_events_of_our_connectors_are_heard" {
  command = apply

  assert {
    condition     = jsondecode(local.event_rules.connectors.event_pattern).detail["connector-id"] == ["c-0123456789abcdef0"]
    error_message = "An account may have other connectors."
  }

  assert {
    condition     = alltrue([for kind in ["File Send", "File Retrieve", "Directory Listing"] : alltrue([for end in ["Completed", "Failed"] : contains(jsondecode(local.event_rules.connectors.event_pattern)["detail-type"], "SFTP Connector ${kind} ${end}")])])
    error_message = "Both ends of sends, retrievals and listings are heard of."
  }
}

run "each_principal_may_do_exactly_what_it_needs" {
  command = apply

  assert {
    condition = { for statement in jsondecode(local.send_to_connectors_policy).Statement : statement.Sid => statement.Action } == {
      ReadSource            = ["s3:GetObject", "s3:GetObjectVersion"]
      TellMissingFromDenied = ["s3:ListBucket"]
      FillOutbox            = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      KeepLines             = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      ReadLines             = ["dynamodb:Query"]
      TellOutcome           = ["sqs:SendMessage"]
      UseConnectors         = ["transfer:StartFileTransfer"]
    }
    error_message = "send-to-connectors has other actions than it needs."
  }

  assert {
    condition = { for statement in jsondecode(local.connector_events_policy).Statement : statement.Sid => statement.Action } == {
      ReadFetched           = ["s3:GetObject", "s3:GetObjectVersion"]
      ReadListings          = ["s3:GetObject"]
      Land                  = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      TellMissingFromDenied = ["s3:ListBucket"]
      KeepLines             = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
      ReadLines             = ["dynamodb:Query"]
      ReadPulls             = ["dynamodb:GetItem"]
      TellOutcome           = ["sqs:SendMessage"]
      UseConnectors         = ["transfer:StartFileTransfer", "transfer:StartRemoteDelete", "transfer:StartRemoteMove"]
    }
    error_message = "connector-events has other actions than it needs."
  }

  assert {
    condition = { for statement in jsondecode(local.start_pulls_policy).Statement : statement.Sid => statement.Action } == {
      LookForFetched        = ["s3:GetObject"]
      TellMissingFromDenied = ["s3:ListBucket"]
      TakeBackOutbox        = ["s3:DeleteObject"]
      NoteListings          = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
      ReadLines             = ["dynamodb:Query"]
      ReadPulls             = ["dynamodb:GetItem"]
      SayWhatWasMissed      = ["sqs:SendMessage"]
      UseConnectors         = ["transfer:ListFileTransferResults", "transfer:StartDirectoryListing"]
    }
    error_message = "start-pulls has other actions than it needs."
  }

  assert {
    condition = { for statement in jsondecode(local.connector_policies["partner"]).Statement : statement.Sid => statement.Resource } == {
      ReadOutbox   = ["arn:aws:s3:::bucket/outbox/*"]
      WriteFetched = ["arn:aws:s3:::bucket/inbox/*", "arn:aws:s3:::bucket/listings/*"]
      FindBucket   = ["arn:aws:s3:::bucket"]
      ReadLogin    = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:login-AbCdEf"]
    }
    error_message = "A connector reads the outbox, writes what it fetched, and knows its own login."
  }

  assert {
    condition     = [for statement in jsondecode(local.connector_events_policy).Statement : statement.Resource if statement.Sid == "Land"][0] == ["arn:aws:s3:::landing-zone/from-sftp/*", "arn:aws:s3:::landing-zone/from-partners/*"]
    error_message = "Fetched files land where arrivals are watched for, and nowhere else."
  }

  assert {
    condition     = !strcontains(join("", [local.send_to_connectors_policy, local.connector_events_policy, local.start_pulls_policy]), "\"*\"")
    error_message = "No policy may name every resource."
  }
}

run "no_connectors_need_no_rule_and_no_permission" {
  command = apply

  variables {
    connectors = {}
  }

  assert {
    condition     = length(module.events.rule_names) == 0
    error_message = "A rule without connectors would hear of none, or of all."
  }

  assert {
    condition     = !strcontains(join("", [local.send_to_connectors_policy, local.connector_events_policy, local.start_pulls_policy]), "transfer:")
    error_message = "Without connectors there is nothing to permit."
  }
}

run "every_prefix_is_a_landing_place_where_all_are_watched" {
  command = apply

  variables {
    file_transfer = {
      landing_bucket  = { name = "landing-zone", arn = "arn:aws:s3:::landing-zone" }
      source_prefixes = []
      table_names     = { WorkflowDefinition = "WorkflowDefinition" }
      table_arns      = { WorkflowDefinition = "arn:aws:dynamodb:us-east-1:123456789012:table/WorkflowDefinition" }
      index_arns      = { WorkflowDefinition = { KindIndex = "arn:aws:dynamodb:us-east-1:123456789012:table/WorkflowDefinition/index/KindIndex" } }
      queue           = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/intake", arn = "arn:aws:sqs:us-east-1:123456789012:intake" }
      connector_queue = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders", arn = "arn:aws:sqs:us-east-1:123456789012:orders" }
      layer_arn       = "arn:aws:lambda:us-east-1:123456789012:layer:layer:1"
    }
  }

  assert {
    condition     = join(" ", local.landing_objects) == "arn:aws:s3:::landing-zone/*"
    error_message = "No prefixes: all of the landing bucket is watched."
  }
}

run "prepared_content_is_sent_where_there_is_some" {
  command = apply

  variables {
    content_bucket_arn = "arn:aws:s3:::work"
  }

  assert {
    condition     = contains([for statement in jsondecode(local.send_to_connectors_policy).Statement : statement.Resource if statement.Sid == "ReadSource"][0], "arn:aws:s3:::work/*")
    error_message = "What was prepared is what is sent."
  }
}

run "a_customer_key_is_granted_where_one_is_used" {
  command = apply

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/k"
    connectors = { partner = {
      url               = "sftp://sftp.partner.example"
      trusted_host_keys = ["ecdsa-sha2-nistp256 AAAA"]
    } }
  }

  assert {
    condition     = alltrue([for policy in [local.send_to_connectors_policy, local.connector_events_policy, local.start_pulls_policy, local.connector_policies["partner"]] : strcontains(policy, "arn:aws:kms:us-east-1:123456789012:key/k")])
    error_message = "Every principal that touches encrypted data needs the key."
  }

  assert {
    condition     = aws_secretsmanager_secret.login["partner"].kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/k"
    error_message = "A login is encrypted with the customer's key."
  }
}

run "somebody_is_told_when_partners_cannot_be_reached" {
  command = apply

  assert {
    condition = alltrue([for alarm in [
      "send-to-connectors-errors", "connector-events-errors", "start-pulls-errors", "connector-events-dead-letters", "connector-ticks-dead-letters",
      "connector-sends-failed", "connector-pulls-failed", "connector-cleanups-failed", "connector-listings-failed", "connector-ticks-missing",
    ] : contains(keys(module.alarms.names), alarm)])
    error_message = "An alarm is missing."
  }
}
