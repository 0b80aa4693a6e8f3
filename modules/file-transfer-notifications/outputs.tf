output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { for key, function in module.function : key => function.name }
}

output "role_names" {
  description = "Names of the functions' roles, keyed by what they do."
  value       = { for key, function in module.function : key => function.role_name }
}

output "schedule_names" {
  description = "Names of the rules that make digests go out and expectations be checked."
  value       = { for key, schedule in module.schedule : key => schedule.rule_name }
}
