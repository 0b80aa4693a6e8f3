output "arn" {
  description = "ARN of the state machine; known to callers only once its role may do its tasks."
  value       = aws_sfn_state_machine.this.arn
  depends_on  = [aws_iam_role_policy.machine]
}

output "name" {
  description = "Name of the state machine."
  value       = aws_sfn_state_machine.this.name
}

output "role_arn" {
  description = "ARN of the role the state machine runs as."
  value       = aws_iam_role.machine.arn
}

output "role_name" {
  description = "Name of the role the state machine runs as."
  value       = aws_iam_role.machine.name
}

output "log_group_name" {
  description = "Name of the state machine's log group."
  value       = aws_cloudwatch_log_group.machine.name
}
