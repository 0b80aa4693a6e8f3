output "server_id" {
  description = "Id of the server."
  value       = aws_transfer_server.this.id
}

output "server_arn" {
  description = "ARN of the server."
  value       = aws_transfer_server.this.arn
}

output "endpoint" {
  description = "Host name SFTP clients connect to."
  value       = aws_transfer_server.this.endpoint
}

output "user_names" {
  description = "Login names, keyed like users; known to callers only once the users' keys and permissions are in place."
  value       = { for key, user in aws_transfer_user.this : key => user.user_name }
  depends_on  = [aws_iam_role_policy.user, aws_transfer_ssh_key.this]
}

output "user_role_names" {
  description = "Names of the roles the users act as, keyed like users."
  value       = { for key, role in aws_iam_role.user : key => role.name }
}

output "log_group_name" {
  description = "Name of the log group with the server's JSON logs."
  value       = aws_cloudwatch_log_group.this.name
}
