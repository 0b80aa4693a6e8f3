output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = "URL that clients connect to, with a ticket in its query; known to callers only once somebody answers there."
  value       = var.custom_domain == null ? local.generated_url : "wss://${var.custom_domain.domain_name}"
  depends_on = [
    aws_apigatewayv2_api_mapping.this,
    aws_apigatewayv2_stage.this,
    aws_lambda_permission.authorizer,
    aws_lambda_permission.route,
  ]
}

output "callback_url" {
  description = "URL at which functions post to connections. It waits for nothing that needs those functions."
  value       = var.custom_domain == null ? replace(local.generated_url, "/^ws/", "http") : "https://${var.custom_domain.domain_name}"
}

output "execution_arn" {
  description = "ARN that stands for the API where it invokes functions; stage and route follow it."
  value       = aws_apigatewayv2_api.this.execution_arn
}

output "manage_connections_arn" {
  description = "Resource of execute-api:ManageConnections for functions that post to connections."
  value       = "${aws_apigatewayv2_api.this.execution_arn}/${var.stage_name}/POST/@connections/*"
}

output "stage_name" {
  description = "Name of the stage, which is part of the generated URL."
  value       = var.stage_name
}

output "table_name" {
  description = "Name of the table of tickets, connections and subscriptions."
  value       = aws_dynamodb_table.live.name
}

output "table_arn" {
  description = "ARN of the table of tickets, connections and subscriptions."
  value       = aws_dynamodb_table.live.arn
}

output "log_group_name" {
  description = "Name of the log group of the access logs."
  value       = aws_cloudwatch_log_group.access.name
}

locals {
  generated_url = "${aws_apigatewayv2_api.this.api_endpoint}/${var.stage_name}"
}
