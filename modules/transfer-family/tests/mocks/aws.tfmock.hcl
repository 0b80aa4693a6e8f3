# What AWS would answer where the module reads it back.
mock_data "aws_caller_identity" {
  defaults = {
    account_id = "111122223333"
  }
}

mock_data "aws_partition" {
  defaults = {
    partition  = "aws"
    dns_suffix = "amazonaws.com"
  }
}

mock_data "aws_region" {
  defaults = {
    id = "us-east-1"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/transfer/example"
  }
}

mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::111122223333:role/example-partner"
  }
}

mock_resource "aws_transfer_server" {
  defaults = {
    id       = "s-0123456789abcdef0"
    arn      = "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0"
    endpoint = "s-0123456789abcdef0.server.transfer.us-east-1.amazonaws.com"
  }
}
