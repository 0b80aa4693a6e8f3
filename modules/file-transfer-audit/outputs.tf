output "bucket_name" {
  description = "Name of the locked bucket; copy it to verify it: aws s3 sync, then towpath audit verify."
  value       = module.bucket.name
}

output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { for key, function in module.function : key => function.name }
}

output "role_names" {
  description = "Names of the functions' roles, keyed by what they do."
  value       = { for key, function in module.function : key => function.role_name }
}

output "unexported_queue_url" {
  description = "URL of the queue that receives what could not be exported."
  value       = aws_sqs_queue.unexported.url
}
