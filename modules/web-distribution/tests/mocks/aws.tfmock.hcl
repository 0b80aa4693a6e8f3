# What AWS would answer where the module reads it back.
mock_resource "aws_cloudfront_distribution" {
  defaults = {
    id             = "E123EXAMPLE"
    arn            = "arn:aws:cloudfront::111122223333:distribution/E123EXAMPLE"
    domain_name    = "d123example.cloudfront.net"
    hosted_zone_id = "Z2FDTNDATAQYW2"
  }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = {
    arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/example/1"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-example"
  }
}
