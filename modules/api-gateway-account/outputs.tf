output "role_arn" {
  description = "ARN of the role that API Gateway writes logs as; known to callers only once the account has it."
  value       = aws_iam_role.logs.arn
  depends_on  = [aws_api_gateway_account.this]
}
