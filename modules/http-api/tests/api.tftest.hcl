mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name = "example"
  jwt  = { issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI", audience = ["client"] }
  routes = {
    "ANY /{proxy+}" = {
      function_arn  = "arn:aws:lambda:us-east-1:111122223333:function:api"
      function_name = "api"
    }
    "GET /health" = {
      function_arn         = "arn:aws:lambda:us-east-1:111122223333:function:health"
      function_name        = "health"
      authorization        = "NONE"
      timeout_milliseconds = 1000
    }
  }
}

run "a_route_wants_a_token_unless_it_says_otherwise" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_route.this["ANY /{proxy+}"].authorization_type == "JWT" && aws_apigatewayv2_route.this["ANY /{proxy+}"].authorizer_id == "auth1"
    error_message = "The route can be called without a token."
  }

  assert {
    condition     = aws_apigatewayv2_route.this["GET /health"].authorization_type == "NONE" && aws_apigatewayv2_route.this["GET /health"].authorizer_id == null
    error_message = "The public route wants a token."
  }

  assert {
    condition = (
      aws_apigatewayv2_authorizer.jwt[0].authorizer_type == "JWT" &&
      aws_apigatewayv2_authorizer.jwt[0].identity_sources == toset(["$request.header.Authorization"]) &&
      aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].issuer == var.jwt.issuer &&
      aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].audience == toset(["client"])
    )
    error_message = "Tokens of another issuer or for another application would do, or are looked for elsewhere."
  }
}

run "without_an_issuer_there_is_no_authorizer" {
  command = plan

  variables {
    jwt = null
    routes = {
      "$default" = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:api", function_name = "api", authorization = "NONE" }
    }
  }

  assert {
    condition     = length(aws_apigatewayv2_authorizer.jwt) == 0 && aws_apigatewayv2_route.this["$default"].authorizer_id == null
    error_message = "An authorizer was made for nobody."
  }

  assert {
    condition     = aws_lambda_permission.route["$default"].source_arn == "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/*/$default"
    error_message = "API Gateway names the default route without a method; the function would refuse it."
  }
}

run "functions_get_the_second_payload_format_in_time" {
  command = plan

  assert {
    condition = alltrue([
      for integration in values(aws_apigatewayv2_integration.function) :
      integration.integration_type == "AWS_PROXY" && integration.payload_format_version == "2.0"
    ])
    error_message = "Handlers read the payload of version 2.0."
  }

  assert {
    condition = (
      aws_apigatewayv2_integration.function["ANY /{proxy+}"].integration_uri == "arn:aws:lambda:us-east-1:111122223333:function:api" &&
      aws_apigatewayv2_integration.function["ANY /{proxy+}"].timeout_milliseconds == 30000 &&
      aws_apigatewayv2_integration.function["GET /health"].integration_uri == "arn:aws:lambda:us-east-1:111122223333:function:health" &&
      aws_apigatewayv2_integration.function["GET /health"].timeout_milliseconds == 1000
    )
    error_message = "A route leads to another function, or waits too long or too short."
  }

  assert {
    condition     = aws_apigatewayv2_route.this["GET /health"].target == "integrations/int1"
    error_message = "The route does not lead to its integration."
  }
}

run "a_function_can_be_invoked_through_its_own_routes_alone" {
  command = plan

  assert {
    condition = { for key, permission in aws_lambda_permission.route : key => permission.source_arn } == {
      "ANY /{proxy+}" = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/*/*/{proxy+}"
      "GET /health"   = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/*/GET/health"
    }
    error_message = "A permission covers another route, another API, or not its own."
  }

  assert {
    condition = alltrue([
      for permission in values(aws_lambda_permission.route) :
      permission.principal == "apigateway.amazonaws.com" && permission.action == "lambda:InvokeFunction"
    ])
    error_message = "Somebody else than API Gateway may invoke the functions."
  }

  assert {
    condition = (
      aws_lambda_permission.route["ANY /{proxy+}"].function_name == "api" &&
      aws_lambda_permission.route["GET /health"].function_name == "health" &&
      aws_lambda_permission.route["ANY /{proxy+}"].statement_id != aws_lambda_permission.route["GET /health"].statement_id
    )
    error_message = "A permission is on the wrong function, or two have one id."
  }
}

run "requests_are_throttled_and_logged_without_tokens" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_stage.this.name == "$default" && aws_apigatewayv2_stage.this.auto_deploy &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 50 &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 25 &&
      aws_apigatewayv2_stage.this.default_route_settings[0].detailed_metrics_enabled
    )
    error_message = "One caller could use up the account's quota of requests."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.access.name == "/aws/vendedlogs/apigateway/example" &&
      aws_apigatewayv2_stage.this.access_log_settings[0].destination_arn == "arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/apigateway/example"
    )
    error_message = "Requests leave no trace, or use up room in the account's few log resource policies."
  }

  assert {
    condition = (
      jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).subject == "$context.authorizer.claims.sub" &&
      jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).status == "$context.status" &&
      jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).routeKey == "$context.routeKey" &&
      jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).requestId == "$context.requestId"
    )
    error_message = "The log does not say who asked for what and how it ended."
  }

  assert {
    condition     = !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, "header")
    error_message = "Headers hold tokens."
  }
}

run "browsers_of_other_origins_are_admitted_only_when_named" {
  command = plan

  assert {
    condition     = length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "Pages of other origins may call the API unasked."
  }
}

run "settings_reach_the_api" {
  command = plan

  variables {
    routes             = { "GET /{proxy+}" = { function_arn = "arn:aws:lambda:us-east-1:111122223333:function:api", function_name = "api" } }
    description        = "Plans and executions."
    cors               = { allow_origins = ["https://console.example.com"] }
    throttling         = { burst_limit = 5, rate_limit = 2 }
    log_retention_days = 30
    kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/1"
    tags               = { team = "ops" }
  }

  assert {
    condition = (
      aws_apigatewayv2_api.this.protocol_type == "HTTP" && aws_apigatewayv2_api.this.description == "Plans and executions." &&
      aws_apigatewayv2_api.this.cors_configuration[0].allow_origins == toset(["https://console.example.com"]) &&
      contains(aws_apigatewayv2_api.this.cors_configuration[0].allow_headers, "authorization") &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 5 &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 2
    )
    error_message = "A setting does not reach the API or its stage."
  }

  assert {
    condition     = aws_cloudwatch_log_group.access.retention_in_days == 30 && aws_cloudwatch_log_group.access.kms_key_id == var.kms_key_arn
    error_message = "Retention or key do not reach the log group."
  }

  assert {
    condition = alltrue([
      for tags in [aws_apigatewayv2_api.this.tags, aws_apigatewayv2_stage.this.tags, aws_cloudwatch_log_group.access.tags] :
      tags == tomap({ team = "ops" })
    ])
    error_message = "A resource lacks the tags."
  }
}

run "outputs_name_the_generated_endpoint" {
  command = plan

  assert {
    condition = (
      output.id == "a1b2c3d4e5" &&
      output.endpoint == "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" &&
      output.host_name == "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" &&
      output.execution_arn == "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5" &&
      output.stage_name == "$default" && output.log_group_name == "/aws/vendedlogs/apigateway/example"
    )
    error_message = "An output does not name the API, its stage or its log group."
  }
}
