output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "endpoint" {
  description = "URL of the API without a slash at its end; known to callers only once it has its routes and may invoke their functions."
  value       = var.custom_domain == null ? aws_apigatewayv2_api.this.api_endpoint : "https://${var.custom_domain.domain_name}"
  depends_on = [
    aws_apigatewayv2_api_mapping.this,
    aws_apigatewayv2_route.this,
    aws_apigatewayv2_stage.this,
    aws_lambda_permission.route,
  ]
}

output "host_name" {
  description = "Host name of the endpoint, as the origin of a distribution."
  value       = var.custom_domain == null ? replace(aws_apigatewayv2_api.this.api_endpoint, "/^[a-z]+:\\/\\//", "") : var.custom_domain.domain_name
}

output "execution_arn" {
  description = "ARN that stands for the API where it invokes functions; stage, method and route follow it."
  value       = aws_apigatewayv2_api.this.execution_arn
}

output "stage_name" {
  description = "Name of the stage, which is the default one and no part of the URL."
  value       = aws_apigatewayv2_stage.this.name
}

output "log_group_name" {
  description = "Name of the log group of the access logs."
  value       = aws_cloudwatch_log_group.access.name
}
