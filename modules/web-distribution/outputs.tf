output "id" {
  description = "Id of the distribution."
  value       = aws_cloudfront_distribution.this.id
}

output "arn" {
  description = "ARN of the distribution."
  value       = aws_cloudfront_distribution.this.arn
}

output "url" {
  description = "URL of the distribution without a slash at its end."
  value       = "https://${var.viewer_domain == null ? aws_cloudfront_distribution.this.domain_name : var.viewer_domain.domain_name}"
}

output "domain_name" {
  description = "Name that CloudFront gave the distribution, as the target of a record made elsewhere."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "web_acl_arn" {
  description = "ARN of the web ACL."
  value       = aws_wafv2_web_acl.this.arn
}

output "log_group_name" {
  description = "Name of the log group of the web ACL, which is in us-east-1."
  value       = aws_cloudwatch_log_group.firewall.name
}
