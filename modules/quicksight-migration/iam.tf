# What each function and the machine may do: exact actions on exact resources. The e2e suite compares them with the calls
# that the local cloud saw. What workers may do in QuickSight, the roles of the accounts say (quicksight-migration-account).
locals {
  jobs_arn = module.tables.arns["job-runs"]

  # arn:<partition>:dynamodb:<region>:<account>:table/…
  partition = split(":", local.jobs_arn)[1]
  region    = split(":", local.jobs_arn)[3]
  account   = split(":", local.jobs_arn)[4]

  plan_function_name  = "${var.name}-plan-import"
  drift_function_name = "${var.name}-drift-report"
  function_arns       = { for key in ["plan-import", "drift-report"] : key => "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${var.name}-${key}" }

  log_group_names = concat(
    [for key in concat(["api-handler", "start-job", "job-status-updater", "job-reconciler"], keys(local.workers)) : "/aws/lambda/${var.name}-${key}"],
    ["/aws/vendedlogs/states/${local.machine_name}"],
  )

  kms_statements = var.kms_key_arn == null ? [] : [
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
  ]

  # A record is put whole, on condition of its revision. Nobody deletes one: what is over is overwritten or expires, and an audit
  # item is written once. Whoever ends jobs reads the lines for slots together.
  read_actions   = ["dynamodb:GetItem", "dynamodb:Query"]
  keep_actions   = concat(local.read_actions, ["dynamodb:PutItem"])
  read_statement = { Sid = "ReadJobs", Effect = "Allow", Action = local.read_actions, Resource = [local.jobs_arn] }
  keep_statement = { Sid = "KeepJobs", Effect = "Allow", Action = local.keep_actions, Resource = [local.jobs_arn] }
  end_statement  = { Sid = "EndJobs", Effect = "Allow", Action = concat(["dynamodb:BatchGetItem"], local.keep_actions), Resource = [local.jobs_arn] }
  find_statement = { Sid = "FindJobs", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [module.tables.index_arns["job-runs"]["StatusIndex"]] }

  find_reports_statement = { Sid = "FindReports", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [module.tables.index_arns["job-runs"]["TimeIndex"]] }

  answer_statement = { Sid = "AnswerMachine", Effect = "Allow", Action = ["states:SendTaskSuccess"], Resource = [local.state_machine_arn] }
  start_statement  = { Sid = "StartMachine", Effect = "Allow", Action = ["states:StartExecution"], Resource = [local.state_machine_arn] }
  look_statement   = { Sid = "LookAfterMachine", Effect = "Allow", Action = ["states:DescribeExecution"], Resource = [local.execution_arns] }
  alert_statement  = { Sid = "Alert", Effect = "Allow", Action = ["sns:Publish"], Resource = [aws_sns_topic.alerts.arn] }

  # Without ListBucket S3 answers 403 instead of 404 about a file that is not there.
  find_files_statement = { Sid = "FindFiles", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [module.bundles.arn] }
  read_files_statement = { Sid = "ReadFiles", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${module.bundles.arn}/jobs/*"] }

  start_job_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.keep_statement, local.start_statement], local.kms_statements)
  })

  api_handler_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      local.keep_statement, local.answer_statement, local.alert_statement,
      { Sid = "ListJobs", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [for index in keys(local.indexes) : module.tables.index_arns["job-runs"][index]] },
      # Whether a plan still holds, before it is approved; a report on drift, which nobody waits for.
      { Sid = "AskWorkers", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [local.function_arns["drift-report"], local.function_arns["plan-import"]] },
      { Sid = "ReadLogs", Effect = "Allow", Action = ["logs:FilterLogEvents"], Resource = flatten([for name in local.log_group_names : [for end in ["", ":*"] : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${name}${end}"]]) },
      { Sid = "ReadPlansAndReports", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${module.bundles.arn}/drift/*.json", "${module.bundles.arn}/jobs/*/plan-A*.json"] },
      local.find_files_statement,
      { Sid = "IssueTickets", Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = [module.live.table_arn] },
    ], local.kms_statements)
  })

  job_status_updater_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.end_statement, local.answer_statement, local.alert_statement], local.kms_statements)
  })

  job_reconciler_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.end_statement, local.find_statement, local.find_reports_statement, local.start_statement, local.look_statement, local.answer_statement, local.alert_statement], local.kms_statements)
  })

  machine_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "InvokeSteps", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [for key in local.machine_functions : module.function[key].arn] },
    ], local.kms_statements)
  })

  machine_functions = sort(concat(["job-status-updater"], [for key in keys(local.workers) : key if key != "drift-report"]))
}
