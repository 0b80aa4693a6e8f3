locals {
  machine_statements = concat(
    # Log delivery for vended logs is set up by the role itself, and none of these actions can be narrowed to a resource.
    [{
      Sid    = "DeliverLogs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
      ]
      Resource = ["*"]
    }],
    # X-Ray has no resources to name.
    var.tracing ? [{
      Sid    = "SendTraces"
      Effect = "Allow"
      Action = [
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ]
      Resource = ["*"]
    }] : [],
  )
}

resource "aws_iam_role" "machine" {
  name                 = var.name
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = {
        ArnLike      = { "aws:SourceArn" = local.state_machine_arn }
        StringEquals = { "aws:SourceAccount" = local.account_id }
      }
    }]
  })
}

# One policy for both parts: whether the caller's exists may be unknown at plan time, where a count would fail.
resource "aws_iam_role_policy" "machine" {
  name = "machine"
  role = aws_iam_role.machine.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.machine_statements, flatten([try(jsondecode(var.policy).Statement, [])]))
  })
}
