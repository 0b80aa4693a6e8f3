output "bucket_name" {
  description = "Name of the bucket of rows."
  value       = module.bucket.name
}

output "database_name" {
  description = "Name of the Glue database with the tables."
  value       = aws_glue_catalog_database.this.name
}

output "workgroup_name" {
  description = "Name of the Athena workgroup with the named queries."
  value       = aws_athena_workgroup.this.name
}

output "delivery_stream_names" {
  description = "Names of the delivery streams, keyed by the names of the brief's tables."
  value       = { for name, stream in aws_kinesis_firehose_delivery_stream.this : name => stream.name }
}

output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { export-analytics = module.function.name }
}

output "role_names" {
  description = "Names of the roles by principal: the function, and Firehose."
  value       = { functions = { export-analytics = module.function.role_name }, delivery = aws_iam_role.delivery.name }
}

output "unexported_queue_url" {
  description = "URL of the queue that receives what could not be exported."
  value       = aws_sqs_queue.unexported.url
}
