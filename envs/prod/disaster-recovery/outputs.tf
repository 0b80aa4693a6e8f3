output "disaster_recovery" {
  description = "Outputs of the system: API, user pool, tables, machine, queue, functions and roles."
  value       = module.disaster_recovery
}

output "url" {
  description = "URL that people and the command line use: the distribution's, where there is one."
  value       = coalesce(one(module.edge[*].url), module.disaster_recovery.api_endpoint)
}

output "trail_bucket_name" {
  description = "Name of the bucket of the audit trail; null without one."
  value       = one(module.trail[*].bucket_name)
}
