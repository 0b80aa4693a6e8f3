mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name             = "example"
  origin_host_name = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
}

run "the_groups_of_aws_and_a_limit_per_address_stand_in_front" {
  command = plan

  assert {
    condition     = aws_wafv2_web_acl.this.scope == "CLOUDFRONT" && length(aws_wafv2_web_acl.this.default_action[0].allow) == 1
    error_message = "A distribution takes a web ACL of scope CLOUDFRONT only, and what no rule blocks must pass."
  }

  assert {
    condition = jsonencode({ for rule in aws_wafv2_web_acl.this.rule : rule.name => rule.priority }) == jsonencode({
      rate-per-address                      = 0
      AWSManagedRulesAmazonIpReputationList = 1
      AWSManagedRulesKnownBadInputsRuleSet  = 2
      AWSManagedRulesCommonRuleSet          = 3
    })
    error_message = "A rule is missing or comes in another order."
  }

  assert {
    condition = [
      for rule in aws_wafv2_web_acl.this.rule : rule.statement[0].rate_based_statement[0].limit if rule.name == "rate-per-address"
    ] == [1000]
    error_message = "One address may send another number of requests than the default."
  }

  assert {
    condition = alltrue([
      for rule in aws_wafv2_web_acl.this.rule : length(rule.override_action[0].none) == 1 if rule.name != "rate-per-address"
    ])
    error_message = "A group only counts."
  }
}

run "large_documents_with_urls_are_no_attack" {
  command = plan

  assert {
    condition = toset(flatten([
      for rule in aws_wafv2_web_acl.this.rule : [
        for override in rule.statement[0].managed_rule_group_statement[0].rule_action_override : override.name
      ] if rule.name == "AWSManagedRulesCommonRuleSet"
    ])) == toset(["GenericRFI_BODY", "SizeRestrictions_BODY"])
    error_message = "A plan of 500 servers, or one with a probe, would be blocked."
  }
}

run "a_group_can_be_tried_before_it_blocks" {
  command = plan

  variables {
    firewall = {
      requests_per_five_minutes = 100
      managed_rule_groups       = { AWSManagedRulesCommonRuleSet = { priority = 1, count_only = true } }
    }
  }

  assert {
    condition = [
      for rule in aws_wafv2_web_acl.this.rule : length(rule.override_action[0].count) if rule.name == "AWSManagedRulesCommonRuleSet"
    ] == [1]
    error_message = "The group blocks what it should only count."
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this.rule) == 2
    error_message = "Groups were added that the caller did not name."
  }
}

run "verdicts_are_logged_without_tokens" {
  command = plan

  variables {
    log_retention_days = 30
    kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/1"
    tags               = { team = "ops" }
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.firewall.name == "aws-waf-logs-example" &&
      aws_cloudwatch_log_group.firewall.retention_in_days == 30 && aws_cloudwatch_log_group.firewall.kms_key_id == var.kms_key_arn &&
      aws_cloudwatch_log_group.firewall.tags == tomap({ team = "ops" }) && aws_wafv2_web_acl.this.tags == tomap({ team = "ops" })
    )
    error_message = "AWS WAF refuses groups of another name, or a setting does not reach the group."
  }

  assert {
    condition     = aws_wafv2_web_acl_logging_configuration.this.log_destination_configs == toset(["arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-example"])
    error_message = "Blocked requests leave no trace."
  }

  assert {
    condition     = [for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : field.single_header[0].name] == ["authorization", "cookie"]
    error_message = "Tokens stand in the log."
  }
}
