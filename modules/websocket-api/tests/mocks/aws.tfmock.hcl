# What AWS would answer where the module reads it back.
mock_resource "aws_apigatewayv2_api" {
  defaults = {
    id            = "a1b2c3d4e5"
    api_endpoint  = "wss://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5"
  }
}

mock_resource "aws_apigatewayv2_authorizer" {
  defaults = {
    id = "auth1"
  }
}

mock_resource "aws_apigatewayv2_integration" {
  defaults = {
    id = "int1"
  }
}

mock_resource "aws_apigatewayv2_deployment" {
  defaults = {
    id = "deployment1"
  }
}

mock_resource "aws_apigatewayv2_stage" {
  defaults = {
    id = "live"
  }
}

mock_resource "aws_apigatewayv2_domain_name" {
  defaults = {
    id = "live.example.com"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/apigateway/example"
  }
}

mock_resource "aws_dynamodb_table" {
  defaults = {
    arn = "arn:aws:dynamodb:us-east-1:111122223333:table/example"
  }
}
