mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example"
}

run "api_gateway_writes_as_this_role" {
  command = plan

  assert {
    condition     = aws_api_gateway_account.this.cloudwatch_role_arn == "arn:aws:iam::111122223333:role/example"
    error_message = "The account has another role, or none."
  }

  assert {
    condition = (
      aws_iam_role.logs.name == "example" &&
      jsondecode(aws_iam_role.logs.assume_role_policy).Statement[0].Principal == { Service = "apigateway.amazonaws.com" } &&
      jsondecode(aws_iam_role.logs.assume_role_policy).Statement[0].Action == "sts:AssumeRole"
    )
    error_message = "Somebody else than API Gateway may be this role."
  }

  assert {
    condition     = output.role_arn == "arn:aws:iam::111122223333:role/example"
    error_message = "The output names another role."
  }
}

run "the_role_can_write_logs_of_its_own_account_and_region" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.logs.policy).Statement == [{
      Sid    = "WriteLogs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
        "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents",
      ]
      Resource = "arn:aws:logs:us-east-1:111122223333:log-group:*"
    }]
    error_message = "API Gateway refuses a role that can do less, and needs none that can do more."
  }
}

run "settings_reach_the_role" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
    tags                     = { team = "ops" }
  }

  assert {
    condition     = aws_iam_role.logs.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.logs.tags == tomap({ team = "ops" })
    error_message = "Boundary or tags do not reach the role."
  }
}

run "refuses_a_name_with_blanks" {
  command = plan

  variables {
    name = "our gateway"
  }

  expect_failures = [var.name]
}
