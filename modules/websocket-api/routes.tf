locals {
  # API Gateway finds the actions by themselves; what names none of them goes to $default, which says so.
  routes = toset(["$connect", "$disconnect", "$default", "subscribe", "unsubscribe", "ping"])

  # A WebSocket API takes functions as invocation URIs alone.
  invocation = {
    for role, arn in { authorizer = var.authorizer.function_arn, handler = var.connection_handler.function_arn } :
    role => "arn:${split(":", arn)[1]}:apigateway:${split(":", arn)[3]}:lambda:path/2015-03-31/functions/${arn}/invocations"
  }
}

resource "aws_apigatewayv2_authorizer" "ticket" {
  api_id           = aws_apigatewayv2_api.this.id
  name             = "ticket"
  authorizer_type  = "REQUEST"
  authorizer_uri   = local.invocation.authorizer
  identity_sources = ["route.request.querystring.ticket"]
}

resource "aws_apigatewayv2_integration" "handler" {
  api_id               = aws_apigatewayv2_api.this.id
  integration_type     = "AWS_PROXY"
  integration_method   = "POST"
  integration_uri      = local.invocation.handler
  timeout_milliseconds = 29000
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:Authorization can be set for $connect alone, and holds for the whole connection
  for_each = local.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.handler.id}"
  authorization_type = each.key == "$connect" ? "CUSTOM" : "NONE"
  authorizer_id      = each.key == "$connect" ? aws_apigatewayv2_authorizer.ticket.id : null
}

resource "aws_lambda_permission" "authorizer" {
  statement_id  = "${var.name}-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.ticket.id}"
}

resource "aws_lambda_permission" "route" {
  for_each = local.routes

  statement_id  = "${var.name}-${replace(each.key, "$", "")}"
  action        = "lambda:InvokeFunction"
  function_name = var.connection_handler.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/${var.stage_name}/${each.key}"
}
