# What AWS would answer where the module reads it back.
mock_resource "aws_s3_bucket" {
  defaults = {
    arn = "arn:aws:s3:::example-landing"
  }
}
