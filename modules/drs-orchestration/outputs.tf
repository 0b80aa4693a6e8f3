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
  value       = keys(var.access.groups)
}

output "table_names" {
  description = "Names of the three tables, keyed by the names of the brief."
  value       = module.tables.names
}

output "state_machine_arn" {
  description = "ARN of the Standard state machine."
  value       = module.machine.arn
}

output "wake_queue_url" {
  description = "URL of the queue whose messages make the finder look at once."
  value       = module.wake.queue_url
}

output "notification_topic_arn" {
  description = "ARN of the topic that announces every transition of an execution."
  value       = aws_sns_topic.notify.arn
}

output "launch_rule_name" {
  description = "Name of the rule that catches launch events of DRS."
  value       = module.wake.rule_names["launches"]
}

output "schedule_rule_name" {
  description = "Name of the rule that ticks every minute."
  value       = module.schedule.rule_name
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
