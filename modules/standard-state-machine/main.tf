data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # Built rather than read from the resource: the role's trust policy names it, and the machine needs the role.
  account_id        = data.aws_caller_identity.current.account_id
  region            = data.aws_region.current.id
  state_machine_arn = "arn:${data.aws_partition.current.partition}:states:${local.region}:${local.account_id}:stateMachine:${var.name}"
}

resource "aws_cloudwatch_log_group" "machine" {
  # Under /aws/vendedlogs/ the log service needs no resource policy per group, and those are few and short.
  name              = "/aws/vendedlogs/states/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_284:Tracing is the caller's choice (tracing)
  #checkov:skip=CKV_AWS_285:Execution data is in the history of each execution already; the caller decides (logging.include_execution_data)
  name       = var.name
  type       = "STANDARD"
  role_arn   = aws_iam_role.machine.arn
  definition = var.definition

  logging_configuration {
    level                  = var.logging.level
    include_execution_data = var.logging.include_execution_data
    log_destination        = "${aws_cloudwatch_log_group.machine.arn}:*"
  }

  tracing_configuration {
    enabled = var.tracing
  }

  # A Standard machine keeps inputs and outputs of every state for 90 days, so the key matters here.
  dynamic "encryption_configuration" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      type                              = "CUSTOMER_MANAGED_KMS_KEY"
      kms_key_id                        = encryption_configuration.value
      kms_data_key_reuse_period_seconds = 300
    }
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = can(jsondecode(var.definition).StartAt) && can(jsondecode(var.definition).States)
      error_message = "definition is not JSON with StartAt and States: check that templatefile filled every placeholder and broke no quotes."
    }
  }

  # Step Functions checks at creation that the role may set up log delivery and use the key.
  depends_on = [aws_iam_role_policy.machine]
}
