output "user_pool_id" {
  description = "Id of the user pool."
  value       = aws_cognito_user_pool.this.id
}

output "arn" {
  description = "ARN of the user pool."
  value       = aws_cognito_user_pool.this.arn
}

output "client_id" {
  description = "Id of the application client, which is the audience of its tokens."
  value       = aws_cognito_user_pool_client.this.id
}

output "issuer" {
  description = "URL that the pool's tokens name as their issuer."
  value       = "https://${aws_cognito_user_pool.this.endpoint}"
}

output "group_names" {
  description = "Names of the groups, as they stand in the tokens' claim cognito:groups."
  value       = sort([for group in values(aws_cognito_user_group.this) : group.name])
}
