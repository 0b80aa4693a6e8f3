output "state_machine_arn" {
  description = "ARN of the state machine for large files."
  value       = module.machine.arn
}

output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { for key, function in module.function : key => function.name }
}

output "role_names" {
  description = "Names of the roles by principal: the functions and the machine."
  value = {
    functions     = { for key, function in module.function : key => function.role_name }
    state_machine = module.machine.role_name
  }
}
