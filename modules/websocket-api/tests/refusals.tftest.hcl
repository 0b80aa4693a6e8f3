mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example"
  authorizer = {
    function_arn  = "arn:aws:lambda:us-east-1:111122223333:function:live-authorizer"
    function_name = "live-authorizer"
  }
  connection_handler = {
    function_arn  = "arn:aws:lambda:us-east-1:111122223333:function:live-connections"
    function_name = "live-connections"
  }
}

run "refuses_a_name_with_blanks" {
  command = plan

  variables {
    name = "our api"
  }

  expect_failures = [var.name]
}

run "refuses_a_description_api_gateway_would_cut" {
  command = plan

  variables {
    description = format("%01025d", 0)
  }

  expect_failures = [var.description]
}

run "refuses_an_authorizer_by_name_alone" {
  command = plan

  variables {
    authorizer = { function_arn = "live-authorizer", function_name = "live-authorizer" }
  }

  expect_failures = [var.authorizer]
}

run "refuses_a_handler_by_name_alone" {
  command = plan

  variables {
    connection_handler = { function_arn = "live-connections", function_name = "live-connections" }
  }

  expect_failures = [var.connection_handler]
}

run "refuses_a_stage_that_is_a_path" {
  command = plan

  variables {
    stage_name = "live/v2"
  }

  expect_failures = [var.stage_name]
}

run "refuses_to_answer_nobody" {
  command = plan

  variables {
    throttling = { rate_limit = 0 }
  }

  expect_failures = [var.throttling]
}

run "refuses_a_domain_that_is_a_url" {
  command = plan

  variables {
    custom_domain = { domain_name = "wss://live.example.com", certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1" }
  }

  expect_failures = [var.custom_domain]
}

run "refuses_a_retention_cloudwatch_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_a_log_role_by_name" {
  command = plan

  variables {
    account_log_role_arn = "api-gateway-logs"
  }

  expect_failures = [var.account_log_role_arn]
}
