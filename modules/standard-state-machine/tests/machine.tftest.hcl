mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name       = "example"
  definition = "{\"StartAt\": \"Done\", \"States\": {\"Done\": {\"Type\": \"Succeed\"}}}"
}

run "machine_is_standard_and_logs_what_fails" {
  command = plan

  assert {
    condition     = aws_sfn_state_machine.this.type == "STANDARD" && aws_sfn_state_machine.this.definition == var.definition
    error_message = "The machine is not a Standard machine of the given definition."
  }

  assert {
    condition = (
      aws_sfn_state_machine.this.logging_configuration[0].level == "ERROR" &&
      aws_sfn_state_machine.this.logging_configuration[0].include_execution_data == false &&
      aws_sfn_state_machine.this.logging_configuration[0].log_destination == "arn:aws:logs:us-east-1:111122223333:log-group:example:*"
    )
    error_message = "Failures of the machine would leave no trace, or inputs would be logged unasked."
  }

  assert {
    condition     = aws_cloudwatch_log_group.machine.name == "/aws/vendedlogs/states/example"
    error_message = "Outside /aws/vendedlogs/ each group uses up room in the account's few log resource policies."
  }

  assert {
    condition     = aws_sfn_state_machine.this.tracing_configuration[0].enabled == false
    error_message = "Traces are sent unasked."
  }
}

run "role_may_set_up_log_delivery_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.machine.policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid    = "DeliverLogs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
        ]
        Resource = ["*"]
      }]
    }
    error_message = "The role of a machine without tasks may do more or less than deliver its logs."
  }
}

run "role_can_only_be_assumed_for_this_machine" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.machine.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:aws:states:us-east-1:111122223333:stateMachine:example" }
        StringEquals = { "aws:SourceAccount" = "111122223333" }
      }
    }]
    error_message = "Another machine or account could use the role through Step Functions."
  }
}

run "tasks_and_traces_are_added_to_the_role" {
  command = plan

  variables {
    tracing                  = true
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = ["arn:aws:lambda:us-east-1:111122223333:function:f"]
      }]
    })
  }

  assert {
    condition = slice(jsondecode(aws_iam_role_policy.machine.policy).Statement, 1, 3) == [
      {
        Sid    = "SendTraces"
        Effect = "Allow"
        Action = [
          "xray:GetSamplingRules",
          "xray:GetSamplingTargets",
          "xray:PutTelemetryRecords",
          "xray:PutTraceSegments",
        ]
        Resource = ["*"]
      },
      {
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = ["arn:aws:lambda:us-east-1:111122223333:function:f"]
      },
    ]
    error_message = "The role lacks the traces' actions or the caller's statement."
  }

  assert {
    condition     = aws_iam_role.machine.permissions_boundary == var.permissions_boundary_arn
    error_message = "The boundary does not reach the role."
  }
}

run "settings_reach_machine_and_logs" {
  command = plan

  variables {
    logging            = { level = "ALL", include_execution_data = true }
    tracing            = true
    log_retention_days = 30
    kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/1"
    tags               = { team = "ops" }
  }

  assert {
    condition = (
      aws_sfn_state_machine.this.logging_configuration[0].level == "ALL" &&
      aws_sfn_state_machine.this.logging_configuration[0].include_execution_data &&
      aws_sfn_state_machine.this.tracing_configuration[0].enabled
    )
    error_message = "A setting does not reach the machine."
  }

  assert {
    condition     = aws_cloudwatch_log_group.machine.retention_in_days == 30 && aws_cloudwatch_log_group.machine.kms_key_id == var.kms_key_arn
    error_message = "Retention or key do not reach the log group."
  }

  assert {
    condition = alltrue([
      for tags in [
        aws_sfn_state_machine.this.tags, aws_iam_role.machine.tags, aws_cloudwatch_log_group.machine.tags,
      ] : tags == tomap({ team = "ops" })
    ])
    error_message = "A resource lacks the tags."
  }
}

run "outputs_name_what_was_made" {
  command = plan

  assert {
    condition = (
      output.arn == "arn:aws:states:us-east-1:111122223333:stateMachine:example" &&
      output.name == "example" &&
      output.role_arn == "arn:aws:iam::111122223333:role/example" &&
      output.role_name == "example" &&
      output.log_group_name == "/aws/vendedlogs/states/example"
    )
    error_message = "An output does not name the machine, its role or its log group."
  }
}

run "without_a_key_the_service_s_own_encrypts" {
  command = plan

  assert {
    condition     = length(aws_sfn_state_machine.this.encryption_configuration) == 0
    error_message = "Without a key the service's own does, and nothing else may be named."
  }
}

run "a_customer_key_encrypts_the_history" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition = (
      aws_sfn_state_machine.this.encryption_configuration[0].type == "CUSTOMER_MANAGED_KMS_KEY" &&
      aws_sfn_state_machine.this.encryption_configuration[0].kms_key_id == var.kms_key_arn
    )
    error_message = "Inputs and outputs of every state stay 90 days under another key than the caller's."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.machine.policy).Statement[1] == {
      Sid      = "EncryptHistory"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = ["arn:aws:kms:us-east-1:111122223333:key/1"]
    }
    error_message = "Every execution would fail at its start: the role cannot use the key."
  }
}
