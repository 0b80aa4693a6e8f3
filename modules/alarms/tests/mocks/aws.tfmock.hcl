# What AWS would answer where the module reads it back.
mock_resource "aws_cloudwatch_metric_alarm" {
  defaults = {
    arn = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:example-depth"
  }
}
