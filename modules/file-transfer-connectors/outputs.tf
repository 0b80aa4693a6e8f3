output "connector_ids" {
  description = "Ids of the connectors, keyed like connectors."
  value       = local.connector_ids
}

output "login_secret_arns" {
  description = "ARNs of the secrets that our logins belong into, keyed like connectors."
  value       = { for alias, secret in aws_secretsmanager_secret.login : alias => secret.arn }
}

output "exchange_bucket_name" {
  description = "Name of the bucket between the system and its connectors."
  value       = module.exchange_bucket.name
}

output "table_name" {
  description = "Name of the table of sends, remembered files and lines."
  value       = module.tables.names["ConnectorTransfer"]
}

output "events_queue_url" {
  description = "URL of the queue of the connectors' events."
  value       = module.events.queue_url
}

output "events_dead_letter_queue_url" {
  description = "URL of the queue of events that could not be dealt with."
  value       = module.events.dead_letter_queue_url
}

output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { for key, function in module.function : key => function.name }
}

output "role_names" {
  description = "Names of the roles by principal: the functions, and the connectors keyed like connectors."
  value = {
    functions  = { for key, function in module.function : key => function.role_name }
    connectors = { for alias, role in aws_iam_role.connector : alias => role.name }
  }
}
