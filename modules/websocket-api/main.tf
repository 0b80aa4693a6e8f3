resource "aws_apigatewayv2_api" "this" {
  name                       = var.name
  description                = var.description
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
  tags                       = var.tags

  # With a domain of its own the API answers there alone.
  disable_execute_api_endpoint = var.custom_domain != null
}

resource "aws_cloudwatch_log_group" "access" {
  # Under /aws/vendedlogs/ the log service needs no resource policy per group, and those are few and short.
  name              = "/aws/vendedlogs/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# The stage serves what was deployed last, so whatever the deployment consists of is what makes a new one.
resource "aws_apigatewayv2_deployment" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  description = "Routes of ${var.name}"

  triggers = {
    configuration = sha256(jsonencode({
      api        = aws_apigatewayv2_api.this.disable_execute_api_endpoint
      authorizer = [aws_apigatewayv2_authorizer.ticket.id, aws_apigatewayv2_authorizer.ticket.authorizer_uri]
      handler    = [aws_apigatewayv2_integration.handler.id, aws_apigatewayv2_integration.handler.integration_uri]
      routes     = { for key, route in aws_apigatewayv2_route.this : key => [route.id, route.target, route.authorization_type, route.authorizer_id] }
    }))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_apigatewayv2_stage" "this" {
  #checkov:skip=CKV2_AWS_51:WebSocket APIs know no client certificates; a ticket says who connects
  api_id        = aws_apigatewayv2_api.this.id
  name          = var.stage_name
  deployment_id = aws_apigatewayv2_deployment.this.id
  tags          = var.tags

  default_route_settings {
    throttling_burst_limit   = var.throttling.burst_limit
    throttling_rate_limit    = var.throttling.rate_limit
    detailed_metrics_enabled = true
    # The execution log would hold every message, in a log group that nobody made and that keeps for ever.
    data_trace_enabled = false
    logging_level      = "OFF"
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = local.access_log_format
  }

  lifecycle {
    # What makes the stage wait: nothing in its arguments names the role, and a module's call takes no depends_on.
    precondition {
      condition     = var.account_log_role_arn == null || try(length(var.account_log_role_arn) > 0, false)
      error_message = "account_log_role_arn is empty."
    }
  }
}

locals {
  # Who connected and said what kind of thing, and how it ended; no query, which holds the ticket, and no messages.
  access_log_format = jsonencode({
    requestId          = "$context.requestId"
    requestTimeEpoch   = "$context.requestTimeEpoch"
    connectionId       = "$context.connectionId"
    sourceIp           = "$context.identity.sourceIp"
    userAgent          = "$context.identity.userAgent"
    principalId        = "$context.authorizer.principalId"
    eventType          = "$context.eventType"
    routeKey           = "$context.routeKey"
    status             = "$context.status"
    integrationLatency = "$context.integrationLatency"
    integrationError   = "$context.integrationErrorMessage"
    authorizerError    = "$context.authorizer.error"
    error              = "$context.error.message"
  })
}
