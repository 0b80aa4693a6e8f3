output "arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}

output "name" {
  description = "Name of the trail."
  value       = aws_cloudtrail.this.name
}

output "bucket_name" {
  description = "Name of the bucket that holds the log files and their digests."
  value       = module.bucket.name
}
