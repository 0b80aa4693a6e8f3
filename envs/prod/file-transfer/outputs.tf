output "file_transfer" {
  description = "Outputs of the system: bucket, queues, tables, machine, functions, roles and server."
  value       = module.file_transfer
}
