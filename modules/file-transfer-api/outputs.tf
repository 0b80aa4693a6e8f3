output "api_endpoint" {
  description = "URL of the API."
  value       = module.api.endpoint
}

output "api_host_name" {
  description = "Host name of the API, as the origin of a distribution in front of it."
  value       = module.api.host_name
}

output "user_pool_id" {
  description = "Id of the Cognito user pool."
  value       = module.users.user_pool_id
}

output "user_pool_client_id" {
  description = "Id of the user pool's client; the command line signs in with it."
  value       = module.users.client_id
}

output "group_names" {
  description = "Names of the user pool's groups."
  value       = keys(var.people.groups)
}

output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { for key, function in module.function : key => function.name }
}

output "role_names" {
  description = "Names of the roles by principal: the functions."
  value       = { functions = { for key, function in module.function : key => function.role_name } }
}

output "replay_queue_url" {
  description = "URL of the queue of replays."
  value       = module.replays.queue_url
}

output "replay_dead_letter_queue_url" {
  description = "URL of the queue of replays that could not be brought to their end."
  value       = module.replays.dead_letter_queue_url
}
