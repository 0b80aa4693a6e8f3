# Queues between this module and its add-ons. They are here, not there, since the machine and the recorder write to them.
locals {
  order_queues = toset(concat(
    var.settings.add_ons.connectors ? ["connector-orders"] : [],
    var.settings.add_ons.notifications ? ["notification-orders"] : [],
  ))

  order_queue_urls = { for name in ["connector-orders", "notification-orders"] : name => try(aws_sqs_queue.orders[name].url, "") }

  order_queue_outputs = { for name in ["connector-orders", "notification-orders"] : name => contains(local.order_queues, name) ? {
    url             = aws_sqs_queue.orders[name].url
    arn             = aws_sqs_queue.orders[name].arn
    dead_letter_arn = aws_sqs_queue.orders_dead_letter[name].arn
    dead_letter_url = aws_sqs_queue.orders_dead_letter[name].url
  } : null }
}

resource "aws_sqs_queue" "orders" {
  for_each = local.order_queues

  name                              = "${var.name}-${each.key}"
  visibility_timeout_seconds        = var.intake.visibility_timeout_seconds
  message_retention_seconds         = var.intake.message_retention_seconds
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 300
  tags                              = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.orders_dead_letter[each.key].arn
    # An order may wait for its turn by being returned again and again: connectors have limits, receivers are down.
    maxReceiveCount = 200
  })
}

resource "aws_sqs_queue" "orders_dead_letter" {
  for_each = local.order_queues

  name                              = "${var.name}-${each.key}-dlq"
  message_retention_seconds         = 1209600
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 300
  tags                              = var.tags
}
