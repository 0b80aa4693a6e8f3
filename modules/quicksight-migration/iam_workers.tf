# Workers read the job table and write nothing there: what they found goes back to the machine, which has it recorded. Each
# writes its own kinds of files and assumes the roles of its own sides.
locals {
  worker_policies = { for key, worker in local.workers : key => jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.read_statement],
      [{ Sid = "ActInAccounts", Effect = "Allow", Action = ["sts:AssumeRole"], Resource = sort(distinct(flatten([for side in worker.sides : local.role_arns[side]]))) }],
      local.read_files_statements,
      [{ Sid = "WriteFiles", Effect = "Allow", Action = concat(worker.timeout == local.mover_timeout_seconds && key != "drift-report" ? ["s3:AbortMultipartUpload"] : [], ["s3:PutObject"]), Resource = [for pattern in local.written_files[key] : "${module.bundles.arn}/${pattern}"] }],
      lookup(local.own_statements, key, []),
      local.kms_statements,
    )
  }) }

  # Keys of the bundle bucket by who writes them (lambda_src/quicksight_migration/bundles/keys.py).
  written_files = {
    "preflight"          = ["jobs/*/preflight-A*.json"]
    "export-assets"      = ["jobs/*/export-A*.qs"]
    "upload-assets"      = ["jobs/*/export-A*.qs"]
    "plan-import"        = ["jobs/*/plan-A*.json"]
    "backup-target"      = ["jobs/*/backup-A*.qs"]
    "import-assets"      = ["jobs/*/results-A*.json"]
    "update-permissions" = ["jobs/*/results-A*.json"]
    "verify-target"      = ["jobs/*/manifest-A*.json", "jobs/*/verify-A*.json", "jobs/*/results-A*.json"]
    "drift-report"       = ["drift/*.json"]
  }

  own_statements = {
    "drift-report" = [
      local.list_statement,
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
      local.read_statement, local.list_statement, local.post_statement,
    ], local.kms_statements)
  })
}
