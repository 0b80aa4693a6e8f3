output "name" {
  description = "Name of the bucket; known to callers only once it is versioned, private and TLS-only."
  value       = aws_s3_bucket.this.bucket
  depends_on = [
    aws_s3_bucket_notification.this,
    aws_s3_bucket_object_lock_configuration.this,
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}
