output "disaster_recovery" {
  description = "Outputs of the system: API, user pool, tables, machine, queue, functions and roles."
  value       = module.disaster_recovery
}
