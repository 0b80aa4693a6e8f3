data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # API Gateway looks at the role when it is set and refuses one that could not write the log of any API of the Region.
  log_groups_arn = join(":", [
    "arn", data.aws_partition.current.partition, "logs", data.aws_region.current.id, data.aws_caller_identity.current.account_id, "log-group:*"
  ])
}

resource "aws_iam_role" "logs" {
  name                 = var.name
  description          = "API Gateway writes the logs of REST and WebSocket APIs"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "logs" {
  name = "logs"
  role = aws_iam_role.logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "WriteLogs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
      ]
      Resource = local.log_groups_arn
    }]
  })
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.logs.arn
  depends_on          = [aws_iam_role_policy.logs]
}
