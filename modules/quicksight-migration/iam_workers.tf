# Workers read the job table and write nothing there: what they found goes back to the machine, which has it recorded. Each
# writes its own kinds of files and assumes the roles of its own sides.
locals {
  worker_policies = { for key, worker in local.workers : key => jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.read_statement],
      [{ Sid = "ActInAccounts", Effect = "Allow", Action = ["sts:AssumeRole"], Resource = sort(distinct(flatten([for side in worker.sides : local.role_arns[side]]))) }],
      [local.read_files_statement, local.find_files_statement],
      [for action, patterns in local.written_files[key] : { Sid = "${action}Files", Effect = "Allow", Action = local.write_actions[action], Resource = [for pattern in patterns : "${module.bundles.arn}/${pattern}"] }],
      lookup(local.own_statements, key, []),
      local.kms_statements,
    )
  }) }

  # Bundles come in parts and may be given up; documents are one call.
  write_actions = { Move = ["s3:AbortMultipartUpload", "s3:PutObject"], Write = ["s3:PutObject"] }

  # Keys of the bundle bucket by who writes them (lambda_src/quicksight_migration/bundles). Before a bundle job is started, that it
  # will be is noted below starts/.
  written_files = {
    "preflight"          = { Write = ["jobs/*/preflight-A*.json"] }
    "export-assets"      = { Write = ["jobs/*/starts/*.json"] }
    "upload-assets"      = { Move = ["jobs/*/export-A*.qs"] }
    "plan-import"        = { Write = ["jobs/*/plan-A*.json"] }
    "backup-target"      = { Move = ["jobs/*/backup-A*.qs"], Write = ["jobs/*/starts/*.json"] }
    "import-assets"      = { Write = ["jobs/*/starts/*.json"] }
    "update-permissions" = {}
    "verify-target"      = { Write = ["jobs/*/manifest-A*.json", "jobs/*/results-A*.json", "jobs/*/verify-A*.json"] }
    "drift-report"       = { Write = ["drift/*.json"] }
  }

  own_statements = {
    "drift-report" = [
      local.find_statement,
      # A report is a record beside the jobs; the jobs themselves it only reads.
      { Sid = "KeepReports", Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = [local.jobs_arn], Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["drift-*"] } } },
    ]
  }
}

# What lives in the live table is made and taken away with each connection.
locals {
  post_statement = { Sid = "PostToConnections", Effect = "Allow", Action = ["execute-api:ManageConnections"], Resource = [module.live.manage_connections_arn] }

  job_updates_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      # Connections that turn out to be closed are forgotten.
      { Sid = "FindFollowers", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:Query"], Resource = [module.live.table_arn] },
      local.post_statement,
    ], local.kms_statements)
  })

  live_authorizer_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "TakeTicket", Effect = "Allow", Action = ["dynamodb:DeleteItem"], Resource = [module.live.table_arn] },
    ], local.kms_statements)
  })

  live_connections_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "KeepConnections", Effect = "Allow", Action = ["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], Resource = [module.live.table_arn] },
      # The snapshot of a job, and of the newest jobs of a tenant.
      { Sid = "ReadFollowed", Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = [local.jobs_arn] },
      { Sid = "ListFollowed", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [module.tables.index_arns["job-runs"]["TimeIndex"]] },
      local.post_statement,
    ], local.kms_statements)
  })
}
