# What AWS would answer where the module reads it back.
mock_resource "aws_dynamodb_table" {
  defaults = {
    arn        = "arn:aws:dynamodb:us-east-1:111122223333:table/example"
    stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/example/stream/2026-01-01T00:00:00.000"
  }
}
