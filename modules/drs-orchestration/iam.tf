# What each function and the machine may do: exact actions on exact resources. The e2e suite compares them with the calls
# that the local cloud saw. What DRS does with the caller's permissions is in iam_recovery.tf.
locals {
  history_arn       = module.tables.arns["execution-history"]
  history_index_arn = module.tables.index_arns["execution-history"]["StatusIndex"]
  catalog_arns      = [module.tables.arns["protection-groups"], module.tables.arns["recovery-plans"]]

  catalog_index_arns = [
    module.tables.index_arns["protection-groups"]["NameIndex"],
    module.tables.index_arns["recovery-plans"]["NameIndex"],
  ]

  # arn:<partition>:dynamodb:<region>:<account>:table/…
  partition = split(":", local.history_arn)[1]
  region    = split(":", local.history_arn)[3]
  account   = split(":", local.history_arn)[4]

  kms_statements = var.kms_key_arn == null ? [] : [
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
  ]

  # Describe* of DRS know no resources; what does is limited to this account.
  watch_statements = concat([
    { Sid = "ReadRecovery", Effect = "Allow", Action = ["drs:DescribeJobs", "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"], Resource = ["*"] },
    { Sid = "ReadJobLog", Effect = "Allow", Action = ["drs:DescribeJobLogItems"], Resource = local.drs_arns["job"] },
  ], local.ask_statements)

  plan_statements = concat([
    { Sid = "ReadServers", Effect = "Allow", Action = ["drs:DescribeJobs", "drs:DescribeSourceServers"], Resource = ["*"] },
    { Sid = "ReadDetails", Effect = "Allow", Action = ["drs:DescribeJobLogItems", "drs:DescribeRecoverySnapshots", "drs:GetLaunchConfiguration"], Resource = concat(local.drs_arns["job"], local.drs_arns["source-server"]) },
  ], local.ask_statements)

  ask_statements = concat([
    { Sid = "ReadQuotas", Effect = "Allow", Action = ["servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota"], Resource = ["*"] },
    ], length(var.recovery.roles) == 0 ? [] : [
    { Sid = "ActInOtherAccounts", Effect = "Allow", Action = ["sts:AssumeRole"], Resource = sort(values(var.recovery.roles)) },
  ])

  recovery_point_statement = { Sid = "ReadRecoveryPoints", Effect = "Allow", Action = ["drs:DescribeRecoverySnapshots"], Resource = local.drs_arns["source-server"] }

  # People answer pauses and cancel; whoever polls also says that the work goes on. Reconcile polls in the poller's place.
  answer_statement  = { Sid = "AnswerMachine", Effect = "Allow", Action = ["states:SendTaskFailure", "states:SendTaskSuccess"], Resource = [local.state_machine_arn] }
  beat_statement    = { Sid = "KeepMachineWaiting", Effect = "Allow", Action = ["states:SendTaskHeartbeat"], Resource = [local.state_machine_arn] }
  machine_statement = { Sid = "LookAfterMachine", Effect = "Allow", Action = ["states:DescribeExecution"], Resource = [local.execution_arns] }
  start_statement   = { Sid = "StartMachine", Effect = "Allow", Action = ["states:StartExecution"], Resource = [local.state_machine_arn] }
  wake_statement    = { Sid = "WakeFinder", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [module.wake.queue_arn] }
  notify_statement  = { Sid = "Notify", Effect = "Allow", Action = ["sns:Publish"], Resource = [aws_sns_topic.notify.arn] }
  history_actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]

  action_statements = concat(
    length(var.actions.function_arns) == 0 ? [] : [
      { Sid = "RunActionFunctions", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = sort(values(var.actions.function_arns)) },
    ],
    length(var.actions.automation_documents) == 0 ? [] : [
      { Sid = "StartAutomations", Effect = "Allow", Action = ["ssm:StartAutomationExecution"], Resource = concat(
        [for document in sort(values(var.actions.automation_documents)) : "arn:${local.partition}:ssm:${local.region}:${local.account}:document/${document}"],
        [for document in sort(values(var.actions.automation_documents)) : "arn:${local.partition}:ssm:${local.region}:${local.account}:automation-definition/${document}:*"],
      ) },
      { Sid = "FollowAutomations", Effect = "Allow", Action = ["ssm:GetAutomationExecution"], Resource = ["arn:${local.partition}:ssm:${local.region}:${local.account}:automation-execution/*"] },
    ],
    var.actions.automation_role_arn == null ? [] : [
      { Sid = "PassAutomationRole", Effect = "Allow", Action = ["iam:PassRole"], Resource = [var.actions.automation_role_arn], Condition = { StringEquals = { "iam:PassedToService" = "ssm.amazonaws.com" } } },
    ],
  )

  api_handler_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "KeepCatalog", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"], Resource = local.catalog_arns },
      { Sid = "ListCatalog", Effect = "Allow", Action = ["dynamodb:Query"], Resource = local.catalog_index_arns },
      { Sid = "SetLaunchSettings", Effect = "Allow", Action = ["drs:UpdateLaunchConfiguration"], Resource = local.drs_arns["source-server"] },
      { Sid = "KeepHistory", Effect = "Allow", Action = local.history_actions, Resource = [local.history_arn] },
      { Sid = "ListExecutions", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.history_index_arn] },
      local.start_statement, local.answer_statement, local.wake_statement,
    ], local.plan_statements, local.kms_statements)
  })

  orchestration_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      # Nothing is launched unless the execution is as it was read: a cancel in between is a condition that fails.
      { Sid = "KeepHistory", Effect = "Allow", Action = concat(["dynamodb:ConditionCheckItem"], local.history_actions), Resource = [local.history_arn] },
      local.answer_statement, local.beat_statement, local.machine_statement, local.wake_statement, local.notify_statement, local.recovery_point_statement,
    ], local.watch_statements, local.launch_statements, local.kms_statements)
  })

  execution_finder_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "FindExecutions", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [local.history_index_arn] },
      # The lock of a server may be ours or another account's: always two keys, read together.
      { Sid = "FindLockOwner", Effect = "Allow", Action = ["dynamodb:BatchGetItem"], Resource = [local.history_arn] },
      { Sid = "InvokePoller", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [local.poller_arn] },
    ], local.kms_statements)
  })

  execution_poller_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "KeepHistory", Effect = "Allow", Action = local.history_actions, Resource = [local.history_arn] },
      # A start that the API did not come to is made up for.
      local.start_statement, local.answer_statement, local.beat_statement, local.machine_statement, local.wake_statement, local.notify_statement,
    ], local.watch_statements, local.terminate_statements, local.action_statements, local.kms_statements)
  })

  machine_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "InvokeOrchestration", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [module.function["orchestration"].arn] },
    ], local.kms_statements)
  })
}
