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

output "sftp_identity" {
  description = "The server whose users stand in the workflow definitions: its id, and the function and roles behind it."
  value = {
    server_id      = module.partners_server.server_id
    function_names = module.file_transfer_identity.function_names
    role_names     = module.file_transfer_identity.role_names
  }
}
