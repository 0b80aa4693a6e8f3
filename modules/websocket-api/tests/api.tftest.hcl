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

run "a_connection_needs_a_ticket" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_route.this["$connect"].authorization_type == "CUSTOM" && aws_apigatewayv2_route.this["$connect"].authorizer_id == "auth1"
    error_message = "Anybody can connect."
  }

  assert {
    condition = (
      aws_apigatewayv2_authorizer.ticket.authorizer_type == "REQUEST" &&
      aws_apigatewayv2_authorizer.ticket.identity_sources == toset(["route.request.querystring.ticket"]) &&
      aws_apigatewayv2_authorizer.ticket.authorizer_uri == "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111122223333:function:live-authorizer/invocations"
    )
    error_message = "The ticket is looked for elsewhere, or somebody else judges it."
  }

  assert {
    condition     = alltrue([for key, route in aws_apigatewayv2_route.this : route.authorization_type == "NONE" if key != "$connect"])
    error_message = "API Gateway refuses authorization on any route but $connect."
  }
}

run "every_message_reaches_the_handler" {
  command = plan

  assert {
    condition     = keys(aws_apigatewayv2_route.this) == ["$connect", "$default", "$disconnect", "ping", "subscribe", "unsubscribe"]
    error_message = "A route is missing or too many."
  }

  assert {
    condition = (
      aws_apigatewayv2_api.this.protocol_type == "WEBSOCKET" &&
      aws_apigatewayv2_api.this.route_selection_expression == "$request.body.action" &&
      alltrue([for route in values(aws_apigatewayv2_route.this) : route.target == "integrations/int1"])
    )
    error_message = "Messages are told apart otherwise, or lead elsewhere."
  }

  assert {
    condition = (
      aws_apigatewayv2_integration.handler.integration_type == "AWS_PROXY" &&
      aws_apigatewayv2_integration.handler.timeout_milliseconds == 29000 &&
      aws_apigatewayv2_integration.handler.integration_uri == "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111122223333:function:live-connections/invocations"
    )
    error_message = "The integration is not the function's, or waits longer than a WebSocket API can."
  }
}

run "functions_can_be_invoked_for_this_api_alone" {
  command = plan

  assert {
    condition = { for key, permission in aws_lambda_permission.route : key => permission.source_arn } == {
      for key in ["$connect", "$default", "$disconnect", "ping", "subscribe", "unsubscribe"] :
      key => "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/live/${key}"
    }
    error_message = "A permission covers another route, stage or API, or not its own."
  }

  assert {
    condition = (
      aws_lambda_permission.authorizer.source_arn == "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/authorizers/auth1" &&
      aws_lambda_permission.authorizer.function_name == "live-authorizer" &&
      alltrue([for permission in values(aws_lambda_permission.route) : permission.function_name == "live-connections"])
    )
    error_message = "A permission is on the wrong function, or for another authorizer."
  }

  assert {
    condition = alltrue([
      for permission in concat(values(aws_lambda_permission.route), [aws_lambda_permission.authorizer]) :
      permission.principal == "apigateway.amazonaws.com" && permission.action == "lambda:InvokeFunction"
    ])
    error_message = "Somebody else than API Gateway may invoke the functions."
  }

  assert {
    condition     = length(distinct([for permission in concat(values(aws_lambda_permission.route), [aws_lambda_permission.authorizer]) : permission.statement_id])) == 7
    error_message = "Two permissions have one id."
  }
}

run "messages_are_throttled_and_logged_without_what_they_say" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_stage.this.name == "live" && aws_apigatewayv2_stage.this.deployment_id == "deployment1" &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 50 &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 25 &&
      aws_apigatewayv2_stage.this.default_route_settings[0].detailed_metrics_enabled
    )
    error_message = "One client could use up the account's quota, or nothing is deployed."
  }

  assert {
    condition = (
      aws_apigatewayv2_stage.this.default_route_settings[0].logging_level == "OFF" &&
      !aws_apigatewayv2_stage.this.default_route_settings[0].data_trace_enabled
    )
    error_message = "The execution log holds messages and is kept for ever."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.access.name == "/aws/vendedlogs/apigateway/example" &&
      aws_apigatewayv2_stage.this.access_log_settings[0].destination_arn == "arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/apigateway/example" &&
      jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).principalId == "$context.authorizer.principalId" &&
      jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).connectionId == "$context.connectionId" &&
      jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format).requestId == "$context.requestId"
    )
    error_message = "The log does not say who connected and how it ended."
  }

  assert {
    condition     = !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, "query")
    error_message = "The query holds the ticket."
  }
}

run "rows_go_by_themselves" {
  command = plan

  assert {
    condition = (
      aws_dynamodb_table.live.hash_key == "pk" && aws_dynamodb_table.live.range_key == "sk" &&
      one(aws_dynamodb_table.live.ttl).enabled && one(aws_dynamodb_table.live.ttl).attribute_name == "expiresAt" &&
      aws_dynamodb_table.live.billing_mode == "PAY_PER_REQUEST" && aws_dynamodb_table.live.name == "example"
    )
    error_message = "Connections whose end nobody told stay for ever, or the handlers look elsewhere."
  }

  assert {
    condition     = !one(aws_dynamodb_table.live.server_side_encryption).enabled
    error_message = "Without a key of the caller's the account's own would be billed per call."
  }
}

run "settings_reach_every_resource" {
  command = plan

  variables {
    description        = "Live updates."
    stage_name         = "v2"
    throttling         = { burst_limit = 5, rate_limit = 2 }
    log_retention_days = 30
    kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/1"
    tags               = { team = "ops" }
  }

  assert {
    condition = (
      aws_apigatewayv2_api.this.description == "Live updates." && aws_apigatewayv2_stage.this.name == "v2" &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 5 &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 2 &&
      aws_lambda_permission.route["ping"].source_arn == "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/v2/ping"
    )
    error_message = "A setting does not reach the API, its stage or the permissions."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.access.retention_in_days == 30 && aws_cloudwatch_log_group.access.kms_key_id == var.kms_key_arn &&
      one(aws_dynamodb_table.live.server_side_encryption).enabled && one(aws_dynamodb_table.live.server_side_encryption).kms_key_arn == var.kms_key_arn
    )
    error_message = "Retention or key do not reach log group and table."
  }

  assert {
    condition = alltrue([
      for tags in [
        aws_apigatewayv2_api.this.tags, aws_apigatewayv2_stage.this.tags, aws_cloudwatch_log_group.access.tags, aws_dynamodb_table.live.tags
      ] : tags == tomap({ team = "ops" })
    ])
    error_message = "A resource lacks the tags."
  }
}

run "outputs_name_both_ends" {
  command = plan

  assert {
    condition = (
      output.url == "wss://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/live" &&
      output.callback_url == "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/live"
    )
    error_message = "Clients or functions would look elsewhere."
  }

  assert {
    condition     = output.manage_connections_arn == "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/live/POST/@connections/*"
    error_message = "Functions could not post, or do more than post."
  }

  assert {
    condition = (
      output.id == "a1b2c3d4e5" && output.stage_name == "live" && output.table_name == "example" &&
      output.table_arn == "arn:aws:dynamodb:us-east-1:111122223333:table/example" &&
      output.execution_arn == "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5" &&
      output.log_group_name == "/aws/vendedlogs/apigateway/example"
    )
    error_message = "An output names something else."
  }
}
