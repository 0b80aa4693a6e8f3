output "work_bucket" {
  description = "Name and ARN of the bucket where what is made of files lies."
  value       = { name = module.work_bucket.name, arn = module.work_bucket.arn }
}

output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { prepare-file = module.function.name }
}

output "role_names" {
  description = "Names of the roles by principal: the function."
  value       = { functions = { prepare-file = module.function.role_name } }
}
