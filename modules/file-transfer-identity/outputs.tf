output "function_arn" {
  description = "ARN of the function: identity_provider.function_arn of modules/transfer-family, or sftp.identity_provider_function_arn of modules/file-transfer."
  value       = module.function.arn
}

output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { identity-provider = module.function.name }
}

output "role_names" {
  description = "Names of the roles by principal: the function, and the SFTP users."
  value       = { functions = { identity-provider = module.function.role_name }, sftp_user = aws_iam_role.user.name }
  depends_on  = [aws_iam_role_policy.user, aws_lambda_permission.server]
}
