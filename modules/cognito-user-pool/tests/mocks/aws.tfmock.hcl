# What AWS would answer where the module reads it back.
mock_resource "aws_cognito_user_pool" {
  defaults = {
    id       = "us-east-1_AbCdEfGhI"
    arn      = "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_AbCdEfGhI"
    endpoint = "cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI"
  }
}

mock_resource "aws_cognito_user_pool_client" {
  defaults = {
    id = "1example23456789"
  }
}
