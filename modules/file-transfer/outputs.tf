output "landing_bucket_name" {
  description = "Bucket where files arrive."
  value       = module.landing_bucket.name
}

output "queue_url" {
  description = "URL of the intake queue; the brief's canonical message may be sent to it."
  value       = module.intake.queue_url
}

output "queue_name" {
  description = "Name of the intake queue."
  value       = module.intake.queue_name
}

output "dead_letter_queue_url" {
  description = "URL of the intake queue's dead-letter queue."
  value       = module.intake.dead_letter_queue_url
}

output "manual_review_queue_url" {
  description = "URL of the queue where transfers wait that need a person."
  value       = aws_sqs_queue.manual_review.url
}

output "unrecorded_queue_url" {
  description = "URL of the queue that receives status changes which could not be recorded."
  value       = aws_sqs_queue.unrecorded.url
}

output "notification_topic_arn" {
  description = "ARN of the topic that announces how transfers ended."
  value       = aws_sns_topic.notify.arn
}

output "table_names" {
  description = "Names of the tables, keyed by the names of the brief."
  value       = module.tables.names
}

output "state_machine_arn" {
  description = "ARN of the Express state machine."
  value       = module.machine.arn
}

output "pipe_name" {
  description = "Name of the pipe from the queue to the state machine."
  value       = module.machine.pipe_name
}

output "function_names" {
  description = "Names of the functions, keyed by what they do."
  value       = { for key, function in module.function : key => function.name }
}

output "role_names" {
  description = "Names of the roles by principal: the functions, the machine, its pipe and the SFTP users."
  value = {
    functions     = { for key, function in module.function : key => function.role_name }
    state_machine = module.machine.role_name
    pipe          = module.machine.pipe_role_name
    sftp_users    = module.sftp.user_role_names
  }
}

output "sftp_server_id" {
  description = "Id of the Transfer Family server."
  value       = module.sftp.server_id
}

output "sftp_endpoint" {
  description = "Host name of the SFTP server."
  value       = module.sftp.endpoint
}

output "sftp_server_arn" {
  description = "ARN of the SFTP server."
  value       = module.sftp.server_arn
}

output "sftp_log_group_name" {
  description = "Name of the log group with the SFTP server's JSON logs."
  value       = module.sftp.log_group_name
}

output "system" {
  description = "What the modules file-transfer-* beside this one are built on: pass it to them as file_transfer."
  value = {
    name                = var.name
    landing_bucket      = { name = module.landing_bucket.name, arn = module.landing_bucket.arn }
    source_prefixes     = var.landing.source_prefixes
    targets             = { objects = local.target_objects, buckets = local.target_buckets }
    sftp_targets        = { for alias, target in var.targets : alias => { bucket = target.bucket, prefix = target.prefix } if target.type == "SFTP" }
    limits              = { copy_object_bytes = var.settings.copy_object_bytes, large_file_bytes = var.settings.large_file_bytes, max_copy_bytes = var.settings.max_copy_bytes }
    add_ons             = local.add_ons
    table_names         = module.tables.names
    table_arns          = module.tables.arns
    index_arns          = module.tables.index_arns
    stream_arns         = module.tables.stream_arns
    queue               = { url = module.intake.queue_url, arn = module.intake.queue_arn }
    dead_letter_queue   = { url = module.intake.dead_letter_queue_url, arn = module.intake.dead_letter_queue_arn }
    manual_review_queue = { url = aws_sqs_queue.manual_review.url, arn = aws_sqs_queue.manual_review.arn }
    connector_queue     = local.order_queue_outputs["connector-orders"]
    notification_queue  = local.order_queue_outputs["notification-orders"]
    topic_arn           = aws_sns_topic.notify.arn
    layer_arn           = aws_lambda_layer_version.dependencies.arn
  }
}
