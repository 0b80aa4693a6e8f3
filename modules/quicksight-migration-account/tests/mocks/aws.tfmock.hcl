# What AWS would answer, in a form that the provider's own checks accept.
mock_data "aws_partition" {
  defaults = {
    partition = "aws"
  }
}

mock_data "aws_caller_identity" {
  defaults = {
    account_id = "444455556666"
  }
}

mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::444455556666:role/towpath-bi"
  }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    arn = "arn:aws:s3:::bucket"
  }
}
