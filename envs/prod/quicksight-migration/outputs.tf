output "quicksight_migration" {
  description = "Outputs of the system: API, live updates, user pool, tables, bucket, machine, queue, functions and roles."
  value       = module.quicksight_migration
}

output "accounts" {
  description = "What the source and the target account give: their roles, and the target's staging bucket."
  value       = { source = module.source, target = module.target }
}

output "url" {
  description = "URL that people and the command line use: the distribution's, where there is one."
  value       = coalesce(one(module.edge[*].url), module.quicksight_migration.api_endpoint)
}
