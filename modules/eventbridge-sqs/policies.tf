locals {
  rule_arns = [for rule in values(aws_cloudwatch_event_rule.this) : rule.arn]

  # The same two statements for both queues: EventBridge delivers to the one and gives up into the other. Consumers and
  # other senders of this account are admitted by their roles' policies.
  policies = {
    for key, arn in { queue = local.queue_arn, dead_letter = local.dead_letter_arn } : key => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [{
          Sid       = "DenyPlainHttp"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = arn
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }],
        length(var.rules) == 0 ? [] : [{
          Sid       = "RulesSend"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = arn
          Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arns } }
        }],
      )
    })
  }

  queue_policy       = local.policies.queue
  dead_letter_policy = local.policies.dead_letter
}
