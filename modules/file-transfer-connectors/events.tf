locals {
  event_rules = {
    connectors = {
      description = "What this system's connectors say about sends, retrievals, listings, moves and deletions."
      event_pattern = jsonencode({
        source = ["aws.transfer"]
        "detail-type" = [
          "SFTP Connector File Send Completed", "SFTP Connector File Send Failed",
          "SFTP Connector File Retrieve Completed", "SFTP Connector File Retrieve Failed",
          "SFTP Connector Directory Listing Completed", "SFTP Connector Directory Listing Failed",
          # A listing shows that a file is gone; only failures need to be heard of.
          "SFTP Connector Remote Move Failed", "SFTP Connector Remote Delete Failed",
        ]
        detail = { "connector-id" = values(local.connector_ids) }
      })
    }
  }
}

module "events" {
  source = "../eventbridge-sqs"

  name  = "${var.name}-connector-events"
  rules = length(var.connectors) == 0 ? {} : local.event_rules
  queue = {
    visibility_timeout_seconds = var.connector_settings.visibility_timeout_seconds
    max_receive_count          = var.connector_settings.max_receive_count
  }
  kms_key_arn = var.kms_key_arn
  tags        = var.tags
}

module "schedule" {
  source = "../event-schedule"

  name                = "${var.name}-start-pulls"
  description         = "Begins the listings that are due and looks after what no event came about."
  schedule_expression = var.schedule_expression
  function_arn        = module.function["start-pulls"].arn
  function_name       = module.function["start-pulls"].name
  kms_key_arn         = var.kms_key_arn
  tags                = var.tags
}
