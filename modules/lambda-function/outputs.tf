output "arn" {
  description = "ARN of the function; known to callers only once its role may write logs and do its work."
  value       = aws_lambda_function.this.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "role_arn" {
  description = "ARN of the role the function runs as."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the role the function runs as."
  value       = aws_iam_role.this.name
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "log_group_arn" {
  description = "ARN of the function's log group, without the trailing :*."
  value       = aws_cloudwatch_log_group.this.arn
}
