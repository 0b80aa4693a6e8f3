output "api_endpoint" {
  description = "URL of the API."
  value       = module.api.endpoint
}

output "api_host_name" {
  description = "Host name of the API, as the origin of a distribution in front of it."
  value       = module.api.host_name
}

output "live_url" {
  description = "URL of live updates, to which a client connects with a ticket."
  value       = module.live.url
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
  value       = keys(var.user_access.groups)
}

output "table_names" {
  description = "Names of the tables: job-runs, and live for tickets and connections."
  value       = merge(module.tables.names, { live = module.live.table_name })
}

output "bundle_bucket_name" {
  description = "Name of the bucket with bundles, backups, plans and reports."
  value       = module.bundles.name
}

output "state_machine_arn" {
  description = "ARN of the Standard state machine."
  value       = module.machine.arn
}

output "alert_topic_arn" {
  description = "ARN of the topic that tells of jobs that ended, need attention or wait for an approval."
  value       = aws_sns_topic.alerts.arn
}

output "ended_queue_url" {
  description = "URL of the queue that tells the reconciler of runs that have ended."
  value       = module.ended.queue_url
}

output "ended_rule_name" {
  description = "Name of the rule that catches runs that have ended."
  value       = module.ended.rule_names["runs"]
}

output "schedule_rule_names" {
  description = "Names of the rules on a schedule: tick (the reconciler) and drift (the drift report)."
  value       = { tick = module.tick.rule_name, drift = module.drift.rule_name }
}

output "source_worker_role_arns" {
  description = "ARNs of the roles that act in source accounts: what a source account's role trusts."
  value       = [for key, worker in local.workers : module.function[key].role_arn if contains(worker.sides, "SOURCE")]
}

output "target_worker_role_arns" {
  description = "ARNs of the roles that act in target accounts: what a target account's role trusts."
  value       = [for key, worker in local.workers : module.function[key].role_arn if contains(worker.sides, "TARGET")]
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
