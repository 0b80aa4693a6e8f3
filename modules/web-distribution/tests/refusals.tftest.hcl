mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name             = "example"
  origin_host_name = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
}

run "refuses_a_name_with_blanks" {
  command = plan

  variables {
    name = "our api"
  }

  expect_failures = [var.name]
}

run "refuses_an_origin_that_is_a_url" {
  command = plan

  variables {
    origin_host_name = "https://api.example.com"
  }

  expect_failures = [var.origin_host_name]
}

run "refuses_a_certificate_of_another_region" {
  command = plan

  variables {
    viewer_domain = { domain_name = "recovery.example.com", certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/1" }
  }

  expect_failures = [var.viewer_domain]
}

run "refuses_a_limit_waf_does_not_count" {
  command = plan

  variables {
    firewall = { requests_per_five_minutes = 9 }
  }

  expect_failures = [var.firewall]
}

run "refuses_two_groups_of_one_priority" {
  command = plan

  variables {
    firewall = { managed_rule_groups = { AWSManagedRulesCommonRuleSet = { priority = 1 }, AWSManagedRulesSQLiRuleSet = { priority = 1 } } }
  }

  expect_failures = [var.firewall]
}

run "refuses_the_name_of_a_country" {
  command = plan

  variables {
    allowed_countries = ["Germany"]
  }

  expect_failures = [var.allowed_countries]
}

run "refuses_an_unknown_price_class" {
  command = plan

  variables {
    price_class = "PriceClass_300"
  }

  expect_failures = [var.price_class]
}

run "refuses_a_retention_cloudwatch_does_not_offer" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}
