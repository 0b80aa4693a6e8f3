output "role_arn" {
  description = "ARN of the role; known to callers only once it may do its work."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "role_name" {
  description = "Name of the role."
  value       = aws_iam_role.this.name
}

output "staging_bucket_name" {
  description = "Name of the bucket that bundles are imported from; null in a source account."
  value       = one(module.staging[*].name)
}
