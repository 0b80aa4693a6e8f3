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

run "who_starts_jobs_keeps_records_and_starts_the_machine_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(local.start_job_policy).Statement == [
      {
        Sid      = "KeepJobs"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"]
        Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs"]
      },
      {
        Sid      = "StartMachine"
        Effect   = "Allow"
        Action   = ["states:StartExecution"]
        Resource = ["arn:aws:states:us-east-1:111122223333:stateMachine:biops-migration"]
      },
    ]
    error_message = "POST /jobs may do more or less than write a job and start it."
  }
}

run "only_the_starter_and_the_reconciler_start_the_machine" {
  command = plan

  assert {
    condition     = toset([for name, settings in local.functions : name if strcontains(settings.policy, "states:StartExecution")]) == toset(["job-reconciler", "start-job"])
    error_message = "Somebody else than start-job, and the reconciler for starts that were lost, starts runs."
  }

  assert {
    condition     = toset([for name, settings in local.functions : name if strcontains(settings.policy, "states:SendTaskSuccess")]) == toset(["api-handler", "job-reconciler", "job-status-updater"])
    error_message = "Somebody else than the API (decisions), the updater (slots) and the reconciler (what was lost) answers the machine."
  }

  assert {
    condition     = !anytrue([for settings in values(local.functions) : strcontains(settings.policy, "states:StopExecution")])
    error_message = "A bundle job cannot be stopped: a run that is would leave it to itself."
  }
}

run "the_api_reads_decides_and_asks_for_checks" {
  command = plan

  assert {
    condition = { for statement in jsondecode(local.api_handler_policy).Statement : statement.Sid => [statement.Action, statement.Resource] } == {
      KeepJobs      = [["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs"]]
      ListJobs      = [["dynamodb:Query"], [for index in ["AccountIndex", "StatusIndex", "TimeIndex"] : "arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs/index/${index}"]]
      AnswerMachine = [["states:SendTaskSuccess"], ["arn:aws:states:us-east-1:111122223333:stateMachine:biops-migration"]]
      Alert         = [["sns:Publish"], ["arn:aws:sns:us-east-1:111122223333:topic"]]
      AskWorkers    = [["lambda:InvokeFunction"], [for name in ["drift-report", "plan-import"] : "arn:aws:lambda:us-east-1:111122223333:function:biops-${name}"]]
      ReadLogs = [["logs:FilterLogEvents"], flatten([
        for name in concat(
          [for function in ["api-handler", "start-job", "job-status-updater", "job-reconciler", "backup-target", "drift-report", "export-assets", "import-assets", "plan-import", "preflight", "update-permissions", "upload-assets", "verify-target"] : "/aws/lambda/biops-${function}"],
          ["/aws/vendedlogs/states/biops-migration"],
        ) : ["arn:aws:logs:us-east-1:111122223333:log-group:${name}", "arn:aws:logs:us-east-1:111122223333:log-group:${name}:*"]
      ])]
      ReadPlansAndReports = [["s3:GetObject"], ["arn:aws:s3:::example-bi-bundles/drift/*.json", "arn:aws:s3:::example-bi-bundles/jobs/*/plan-A*.json"]]
      FindFiles           = [["s3:ListBucket"], ["arn:aws:s3:::example-bi-bundles"]]
      IssueTickets        = [["dynamodb:PutItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-live"]]
    }
    error_message = "The API may do more or less than its routes do."
  }
}

run "the_updater_and_the_reconciler_move_jobs_on" {
  command = plan

  assert {
    condition = { for statement in jsondecode(local.job_status_updater_policy).Statement : statement.Sid => [statement.Action, statement.Resource] } == {
      EndJobs       = [["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs"]]
      AnswerMachine = [["states:SendTaskSuccess"], ["arn:aws:states:us-east-1:111122223333:stateMachine:biops-migration"]]
      Alert         = [["sns:Publish"], ["arn:aws:sns:us-east-1:111122223333:topic"]]
    }
    error_message = "The updater may do more or less than record, answer and alert."
  }

  assert {
    condition = { for statement in jsondecode(local.job_reconciler_policy).Statement : statement.Sid => [statement.Action, statement.Resource] } == {
      EndJobs          = [["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs"]]
      FindJobs         = [["dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs/index/StatusIndex"]]
      FindReports      = [["dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs/index/TimeIndex"]]
      StartMachine     = [["states:StartExecution"], ["arn:aws:states:us-east-1:111122223333:stateMachine:biops-migration"]]
      LookAfterMachine = [["states:DescribeExecution"], ["arn:aws:states:us-east-1:111122223333:execution:biops-migration:*"]]
      AnswerMachine    = [["states:SendTaskSuccess"], ["arn:aws:states:us-east-1:111122223333:stateMachine:biops-migration"]]
      Alert            = [["sns:Publish"], ["arn:aws:sns:us-east-1:111122223333:topic"]]
    }
    error_message = "The reconciler may do more or less than heal what was lost."
  }
}

run "workers_read_the_table_and_write_their_own_files" {
  command = plan

  assert {
    condition = alltrue([for key in keys(local.workers) :
      [for statement in jsondecode(local.worker_policies[key]).Statement : statement if contains(["FindFiles", "ReadFiles", "ReadJobs"], statement.Sid)] == [
        { Sid = "ReadJobs", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:Query"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs"] },
        { Sid = "ReadFiles", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::example-bi-bundles/jobs/*"] },
        { Sid = "FindFiles", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::example-bi-bundles"] },
      ]
    ])
    error_message = "A worker reads something else than jobs and their files."
  }

  assert {
    condition = { for key, policy in local.worker_policies : key => {
      for statement in jsondecode(policy).Statement : statement.Sid => [for arn in statement.Resource : trimprefix(arn, "arn:aws:s3:::example-bi-bundles/")]
      if contains(["MoveFiles", "WriteFiles"], statement.Sid)
      } } == {
      preflight          = { WriteFiles = ["jobs/*/preflight-A*.json"] }
      export-assets      = { WriteFiles = ["jobs/*/starts/*.json"] }
      upload-assets      = { MoveFiles = ["jobs/*/export-A*.qs"] }
      plan-import        = { WriteFiles = ["jobs/*/plan-A*.json"] }
      backup-target      = { MoveFiles = ["jobs/*/backup-A*.qs"], WriteFiles = ["jobs/*/starts/*.json"] }
      import-assets      = { WriteFiles = ["jobs/*/starts/*.json"] }
      update-permissions = {}
      verify-target      = { WriteFiles = ["jobs/*/manifest-A*.json", "jobs/*/results-A*.json", "jobs/*/verify-A*.json"] }
      drift-report       = { WriteFiles = ["drift/*.json"] }
    }
    error_message = "A worker could write the files of another step: a plan that was approved, a backup."
  }

  assert {
    condition = alltrue(flatten([for key, policy in local.worker_policies : [
      for statement in jsondecode(policy).Statement : join(" ", statement.Action) == (statement.Sid == "MoveFiles" ? "s3:AbortMultipartUpload s3:PutObject" : "s3:PutObject")
      if contains(["MoveFiles", "WriteFiles"], statement.Sid)
    ]]))
    error_message = "A worker could do something else with files than write them."
  }
}

run "each_worker_acts_on_its_own_sides_only" {
  command = plan

  assert {
    condition = { for key, policy in local.worker_policies : key => flatten([for statement in jsondecode(policy).Statement : statement.Resource if contains(statement.Action, "sts:AssumeRole")]) } == {
      preflight          = ["arn:aws:iam::444455556666:role/towpath-bi-source", "arn:aws:iam::777788889999:role/towpath-bi-target"]
      export-assets      = ["arn:aws:iam::444455556666:role/towpath-bi-source"]
      upload-assets      = ["arn:aws:iam::444455556666:role/towpath-bi-source"]
      plan-import        = ["arn:aws:iam::777788889999:role/towpath-bi-target"]
      backup-target      = ["arn:aws:iam::777788889999:role/towpath-bi-target"]
      import-assets      = ["arn:aws:iam::777788889999:role/towpath-bi-target"]
      update-permissions = ["arn:aws:iam::777788889999:role/towpath-bi-target"]
      verify-target      = ["arn:aws:iam::777788889999:role/towpath-bi-target"]
      drift-report       = ["arn:aws:iam::444455556666:role/towpath-bi-source", "arn:aws:iam::777788889999:role/towpath-bi-target"]
    }
    error_message = "A worker could act in an account that its step has nothing to do with, or in any at all."
  }

  assert {
    condition     = toset([for name, settings in local.functions : name if strcontains(settings.policy, "sts:AssumeRole")]) == toset(keys(local.workers))
    error_message = "Somebody else than a worker could act in other accounts."
  }

  assert {
    condition     = !anytrue([for settings in values(local.functions) : strcontains(settings.policy, "quicksight:")])
    error_message = "QuickSight is called with the roles of its accounts alone."
  }
}

run "records_are_kept_and_nobody_deletes_scans_or_patches_them" {
  command = plan

  assert {
    condition = toset(flatten([for settings in values(local.functions) : [
      for statement in jsondecode(settings.policy).Statement : statement.Action if contains(statement.Resource, "arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs")
    ]])) == toset(["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"])
    error_message = "An audit entry could be deleted, or the table be read as a whole."
  }

  assert {
    condition = toset([for name, settings in local.functions : name if anytrue([
      for statement in jsondecode(settings.policy).Statement : contains(statement.Action, "dynamodb:PutItem") && contains(statement.Resource, "arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs")
    ])]) == toset(["api-handler", "drift-report", "job-reconciler", "job-status-updater", "start-job"])
    error_message = "A worker could write jobs past the updater."
  }

  assert {
    condition = [for statement in jsondecode(local.worker_policies["drift-report"]).Statement : statement if contains(["FindJobs", "KeepReports"], statement.Sid)] == [
      { Sid = "FindJobs", Effect = "Allow", Action = ["dynamodb:Query"], Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs/index/StatusIndex"] },
      {
        Sid       = "KeepReports"
        Effect    = "Allow"
        Action    = ["dynamodb:PutItem"]
        Resource  = ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs"]
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["drift-*"] } }
      },
    ]
    error_message = "A report on drift could overwrite a job."
  }
}

run "live_updates_know_connections_and_read_jobs" {
  command = plan

  assert {
    condition = { for key in ["job-updates", "live-authorizer", "live-connections"] : key => {
      for statement in jsondecode(local.functions[key].policy).Statement : statement.Sid => [statement.Action, statement.Resource]
      } } == {
      job-updates = {
        FindFollowers     = [["dynamodb:DeleteItem", "dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-live"]]
        PostToConnections = [["execute-api:ManageConnections"], ["arn:aws:execute-api:us-east-1:111122223333:f6g7h8i9j0/live/POST/@connections/*"]]
      }
      live-authorizer = { TakeTicket = [["dynamodb:DeleteItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-live"]] }
      live-connections = {
        KeepConnections   = [["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-live"]]
        ReadFollowed      = [["dynamodb:GetItem"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs"]]
        ListFollowed      = [["dynamodb:Query"], ["arn:aws:dynamodb:us-east-1:111122223333:table/biops-job-runs/index/TimeIndex"]]
        PostToConnections = [["execute-api:ManageConnections"], ["arn:aws:execute-api:us-east-1:111122223333:f6g7h8i9j0/live/POST/@connections/*"]]
      }
    }
    error_message = "Who follows a job could change it."
  }
}

run "the_machine_invokes_its_steps_and_nothing_else" {
  command = plan

  assert {
    condition     = local.machine_functions == tolist(["backup-target", "export-assets", "import-assets", "job-status-updater", "plan-import", "preflight", "update-permissions", "upload-assets", "verify-target"])
    error_message = "The machine invokes a function that is no step, or cannot invoke one that is."
  }

  assert {
    condition     = [for statement in jsondecode(local.machine_policy).Statement : [statement.Sid, statement.Action]] == [["InvokeSteps", ["lambda:InvokeFunction"]]]
    error_message = "The machine has other actions than it needs."
  }
}

run "no_statement_is_on_all_resources" {
  command = plan

  assert {
    condition     = !anytrue(flatten([for policy in concat(values(local.functions)[*].policy, [local.machine_policy]) : [for statement in jsondecode(policy).Statement : contains(statement.Resource, "*") || anytrue([for action in statement.Action : strcontains(action, "*")])]]))
    error_message = "A statement names all resources or all actions."
  }

  assert {
    condition     = max([for settings in values(local.functions) : length(settings.policy)]...) < 9216
    error_message = "IAM takes 10240 characters of inline policy a role, and the function's own statements need some of them."
  }
}

run "a_customer_key_is_granted_to_every_function_and_the_machine" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/k"
  }

  assert {
    condition     = alltrue([for policy in concat(values(local.functions)[*].policy, [local.machine_policy]) : strcontains(policy, "\"arn:aws:kms:us-east-1:111122223333:key/k\"")])
    error_message = "Every principal that touches encrypted data needs the key."
  }

  assert {
    condition     = alltrue([for key in keys(local.workers) : local.functions[key].environment.BUNDLE_KMS_KEY_ARN == var.kms_key_arn])
    error_message = "A worker would write under another key than the bucket's."
  }
}
