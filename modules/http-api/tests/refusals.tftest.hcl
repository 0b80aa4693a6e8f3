mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name = "example"
  routes = {
    "$default" = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:api", function_name = "api", authorization = "NONE" }
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

run "refuses_a_route_without_a_method" {
  command = plan

  variables {
    routes = { "/plans" = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:api", function_name = "api", authorization = "NONE" } }
  }

  expect_failures = [var.routes]
}

run "refuses_an_authorization_it_does_not_know" {
  command = plan

  variables {
    routes = { "GET /plans" = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:api", function_name = "api", authorization = "AWS_IAM" } }
  }

  expect_failures = [var.routes]
}

run "refuses_a_token_that_nobody_issues" {
  command = plan

  variables {
    routes = { "GET /plans" = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:api", function_name = "api" } }
  }

  expect_failures = [var.routes]
}

run "refuses_to_wait_longer_than_api_gateway" {
  command = plan

  variables {
    routes = { "GET /plans" = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:api", function_name = "api", authorization = "NONE", timeout_milliseconds = 30001 } }
  }

  expect_failures = [var.routes]
}

run "refuses_an_issuer_without_tls" {
  command = plan

  variables {
    jwt = { issuer = "http://issuer.example.com", audience = ["client"] }
  }

  expect_failures = [var.jwt]
}

run "refuses_tokens_for_any_application" {
  command = plan

  variables {
    jwt = { issuer = "https://issuer.example.com", audience = [] }
  }

  expect_failures = [var.jwt]
}

run "refuses_to_answer_nobody" {
  command = plan

  variables {
    throttling = { rate_limit = 0 }
  }

  expect_failures = [var.throttling]
}

run "refuses_an_origin_that_is_a_pattern" {
  command = plan

  variables {
    cors = { allow_origins = ["https://*.example.com"] }
  }

  expect_failures = [var.cors]
}

run "refuses_preflights_that_hold_for_days" {
  command = plan

  variables {
    cors = { allow_origins = ["https://console.example.com"], max_age = 86401 }
  }

  expect_failures = [var.cors]
}

run "refuses_a_domain_that_is_a_url" {
  command = plan

  variables {
    custom_domain = { domain_name = "https://api.example.com", certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1" }
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

run "refuses_preflights_that_would_need_a_token" {
  command = plan

  variables {
    cors   = { allow_origins = ["https://console.example.com"] }
    jwt    = { issuer = "https://issuer.example.com", audience = ["client"] }
    routes = { "ANY /{proxy+}" = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:api", function_name = "api" } }
  }

  expect_failures = [var.cors]
}
