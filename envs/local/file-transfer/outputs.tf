output "file_transfer" {
  description = "Outputs of the system: bucket, queues, tables, machine, functions, roles and server."
  value       = module.file_transfer
}

output "archive_bucket_name" {
  description = "Bucket where copies are archived."
  value       = module.archive_bucket.name
}

output "partner_bucket_name" {
  description = "Bucket behind the partner's SFTP folder."
  value       = module.partner_bucket.name
}
