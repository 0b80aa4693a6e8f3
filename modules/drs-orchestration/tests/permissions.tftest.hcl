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

run "the_finder_may_find_and_hand_over_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(local.execution_finder_policy).Statement == [
      {
        Sid      = "FindExecutions"
        Effect   = "Allow"
        Action   = ["dynamodb:Query"]
        Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/execution-history/index/StatusIndex"]
      },
      {
        Sid      = "FindLockOwner"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem"]
        Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/execution-history"]
      },
      {
        Sid      = "InvokePoller"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = ["arn:aws:lambda:us-east-1:111122223333:function:disaster-recovery-execution-poller"]
      },
    ]
    error_message = "The finder writes nothing and calls nobody but the poller."
  }
}

run "the_machine_may_invoke_its_handler_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(local.machine_policy).Statement == [{
      Sid      = "InvokeOrchestration"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = ["arn:aws:lambda:us-east-1:111122223333:function:function"]
    }]
    error_message = "The machine has other actions than it needs."
  }
}

run "only_the_orchestration_starts_recoveries" {
  command = plan

  assert {
    condition = {
      for name, policy in local.functions : name => strcontains(policy.policy, "drs:StartRecovery")
      } == {
      api-handler = false, execution-finder = false, execution-poller = false, orchestration = true
    }
    error_message = "A cancelled execution starts nothing only as long as nobody else can."
  }

  assert {
    condition = [
      for statement in jsondecode(local.orchestration_policy).Statement : statement.Resource if statement.Sid == "StartRecovery"
    ] == [["arn:aws:drs:us-east-1:111122223333:source-server/*"]]
    error_message = "Recoveries could be started elsewhere than in this account and Region."
  }

  assert {
    condition = {
      for name, policy in local.functions : name => strcontains(policy.policy, "drs:TerminateRecoveryInstances")
      } == {
      api-handler = false, execution-finder = false, execution-poller = true, orchestration = false
    }
    error_message = "Only the poller terminates instances: on request, and when the time of a drill is over."
  }
}

run "what_drs_does_for_us_nobody_can_do_without_it" {
  command = plan

  assert {
    condition = alltrue([
      for statement in concat(local.launch_statements, local.terminate_statements) :
      can(statement.Condition.Bool["aws:ViaAWSService"]) || can(statement.Condition.Null)
      if anytrue([for action in statement.Action : startswith(action, "ec2:") && !startswith(action, "ec2:Describe")])
    ])
    error_message = "A function could change EC2 by itself, past DRS."
  }

  assert {
    condition = alltrue([
      for statement in concat(local.launch_statements, local.terminate_statements) : can(statement.Condition.Null["aws:ResourceTag/AWSElasticDisasterRecoveryManaged"])
      if length(setintersection(statement.Action, ["ec2:TerminateInstances", "ec2:DeleteVolume", "ec2:DeleteSnapshot"])) > 0
    ])
    error_message = "What DRS has not tagged as its own could be deleted."
  }

  assert {
    condition = [
      for statement in local.launch_statements : statement.Condition.StringEquals["iam:PassedToService"] if statement.Sid == "PassLaunchRoles"
    ] == ["ec2.amazonaws.com"]
    error_message = "Roles could be passed to another service than EC2."
  }
}

run "every_action_that_knows_resources_names_them" {
  command = plan

  assert {
    condition = toset(flatten([
      for policy in values(local.functions)[*].policy : [
        for statement in jsondecode(policy).Statement : statement.Action if contains(flatten([statement.Resource]), "*")
      ]
      ])) == toset([
      "drs:DescribeJobs", "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers",
      "ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones", "ec2:DescribeImages", "ec2:DescribeInstanceAttribute",
      "ec2:DescribeInstanceStatus", "ec2:DescribeInstanceTypes", "ec2:DescribeInstances", "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups", "ec2:DescribeSnapshots", "ec2:DescribeSubnets", "ec2:DescribeVolumes",
      "servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota",
    ])
    error_message = "An action on all resources is new, or one of these has become narrower: say so here."
  }
}

run "records_are_kept_and_nobody_scans_or_deletes_them" {
  command = plan

  assert {
    condition     = local.history_actions == ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    error_message = "Whoever keeps records may do more or less with them than the store does."
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(local.functions)[*].policy : [
        for statement in jsondecode(policy).Statement : !anytrue([
          for action in statement.Action : contains(["dynamodb:Scan", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"], action)
        ]) if contains(statement.Resource, "arn:aws:dynamodb:us-east-1:111122223333:table/execution-history")
      ]
    ]))
    error_message = "An execution's history could be deleted, or read as a whole."
  }

  assert {
    condition = toset([
      for statement in jsondecode(local.api_handler_policy).Statement : statement.Sid if contains(statement.Action, "dynamodb:DeleteItem")
    ]) == toset(["KeepCatalog"])
    error_message = "Only groups and plans can be deleted."
  }

  assert {
    condition = alltrue([
      for name in ["execution-finder", "execution-poller", "orchestration"] :
      !strcontains(local.functions[name].policy, "table/recovery-plans") && !strcontains(local.functions[name].policy, "table/protection-groups")
    ])
    error_message = "A running execution reads its frozen plan and not the catalog."
  }
}

run "only_those_who_watch_answer_the_machine" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for name in ["api-handler", "execution-poller", "orchestration"] : [
        for statement in jsondecode(local.functions[name].policy).Statement :
        statement.Resource == ["arn:aws:states:us-east-1:111122223333:stateMachine:disaster-recovery"] if statement.Sid == "AnswerMachine"
      ]
    ]))
    error_message = "A function could answer the tasks of another machine."
  }

  assert {
    condition = toset([
      for name, settings in local.functions : name if strcontains(settings.policy, "states:StartExecution")
    ]) == toset(["api-handler", "execution-poller"])
    error_message = "Somebody else than the API, and the poller for starts that were lost, starts executions."
  }
}

run "actions_of_a_plan_are_permitted_one_by_one" {
  command = plan

  variables {
    actions = {
      function_arns        = { check = "arn:aws:lambda:us-east-1:111122223333:function:check" }
      automation_documents = { warm-up = "warm-up" }
    }
  }

  assert {
    condition = [for statement in jsondecode(local.execution_poller_policy).Statement : { (statement.Sid) = statement.Resource } if contains(["RunActionFunctions", "StartAutomations", "FollowAutomations"], statement.Sid)] == [
      { RunActionFunctions = ["arn:aws:lambda:us-east-1:111122223333:function:check"] },
      { StartAutomations = [
        "arn:aws:ssm:us-east-1:111122223333:document/warm-up",
        "arn:aws:ssm:us-east-1:111122223333:automation-definition/warm-up:*",
      ] },
      { FollowAutomations = ["arn:aws:ssm:us-east-1:111122223333:automation-execution/*"] },
    ]
    error_message = "A plan could run more than the stack names."
  }
}

run "without_actions_nothing_can_be_run" {
  command = plan

  assert {
    condition     = !strcontains(local.execution_poller_policy, "lambda:InvokeFunction") && !strcontains(local.execution_poller_policy, "ssm:")
    error_message = "A plan could run functions or documents that nobody named."
  }

  assert {
    condition     = !strcontains(join("", values(local.functions)[*].policy), "sts:AssumeRole")
    error_message = "Another account could be acted in that nobody named."
  }
}

run "other_regions_and_accounts_are_permitted_where_named" {
  command = plan

  variables {
    recovery = {
      regions            = ["us-east-1", "eu-west-1"]
      roles              = { branch = "arn:aws:iam::444455556666:role/recovery" }
      instance_role_arns = { app = "arn:aws:iam::111122223333:role/app" }
    }
  }

  assert {
    condition = [
      for statement in jsondecode(local.orchestration_policy).Statement : statement.Resource if statement.Sid == "StartRecovery"
    ] == [["arn:aws:drs:us-east-1:111122223333:source-server/*", "arn:aws:drs:eu-west-1:111122223333:source-server/*"]]
    error_message = "Servers of a named Region cannot be recovered, or those of others can."
  }

  assert {
    condition = alltrue([
      for name in ["api-handler", "execution-poller", "orchestration"] : [
        for statement in jsondecode(local.functions[name].policy).Statement : statement.Resource if statement.Sid == "ActInOtherAccounts"
      ] == [["arn:aws:iam::444455556666:role/recovery"]]
    ])
    error_message = "The named role cannot be assumed, or others can."
  }

  assert {
    condition = anytrue([
      for statement in local.launch_statements : contains(statement.Resource, "arn:aws:iam::111122223333:role/app") if statement.Sid == "PassLaunchRoles"
    ])
    error_message = "Servers whose launch template has a role of its own cannot be launched."
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
}
