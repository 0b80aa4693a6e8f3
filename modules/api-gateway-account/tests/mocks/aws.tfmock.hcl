# What AWS would answer where the module reads it back.
mock_data "aws_caller_identity" {
  defaults = {
    account_id = "111122223333"
  }
}

mock_data "aws_partition" {
  defaults = {
    partition = "aws"
  }
}

mock_data "aws_region" {
  defaults = {
    id = "us-east-1"
  }
}

mock_resource "aws_iam_role" {
  defaults = {
    id  = "example"
    arn = "arn:aws:iam::111122223333:role/example"
  }
}
