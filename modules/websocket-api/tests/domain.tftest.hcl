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

override_resource {
  target          = aws_apigatewayv2_domain_name.this[0]
  override_during = plan
  values = {
    id = "live.example.com"
  }
}

run "without_a_domain_the_generated_endpoint_answers" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_api.this.disable_execute_api_endpoint == false && length(aws_apigatewayv2_domain_name.this) == 0 &&
      length(aws_apigatewayv2_api_mapping.this) == 0 && length(aws_route53_record.this) == 0
    )
    error_message = "Parts of a domain were made that nobody asked for."
  }
}

run "a_domain_replaces_the_generated_endpoint" {
  command = plan

  variables {
    custom_domain = { domain_name = "live.example.com", certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1" }
    tags          = { team = "ops" }
  }

  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "The API can be reached past its domain."
  }

  assert {
    condition = (
      aws_apigatewayv2_domain_name.this[0].domain_name == "live.example.com" &&
      aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].certificate_arn == "arn:aws:acm:us-east-1:111122223333:certificate/1" &&
      aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].security_policy == "TLS_1_2" &&
      aws_apigatewayv2_domain_name.this[0].tags == tomap({ team = "ops" })
    )
    error_message = "The domain has another certificate, or admits old TLS."
  }

  assert {
    condition     = aws_apigatewayv2_api_mapping.this[0].domain_name == "live.example.com" && aws_apigatewayv2_api_mapping.this[0].stage == "live"
    error_message = "The domain does not lead to the stage."
  }

  assert {
    condition     = output.url == "wss://live.example.com" && output.callback_url == "https://live.example.com"
    error_message = "An output names the endpoint that is switched off."
  }

  assert {
    condition     = length(aws_route53_record.this) == 0
    error_message = "A record was made without a zone."
  }
}

run "a_zone_gets_the_record" {
  command = plan

  variables {
    custom_domain = { domain_name = "live.example.com", certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1", zone_id = "Z123" }
  }

  assert {
    condition     = aws_route53_record.this[0].zone_id == "Z123" && aws_route53_record.this[0].name == "live.example.com" && aws_route53_record.this[0].type == "A"
    error_message = "The record is missing or elsewhere."
  }
}
