mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name             = "example"
  origin_host_name = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
}

run "requests_pass_the_web_acl_and_go_on_encrypted" {
  command = plan

  assert {
    condition     = aws_cloudfront_distribution.this.web_acl_id == "arn:aws:wafv2:us-east-1:111122223333:global/webacl/example/1"
    error_message = "Requests go past the web ACL."
  }

  assert {
    condition = (
      one(aws_cloudfront_distribution.this.origin).domain_name == var.origin_host_name &&
      one(aws_cloudfront_distribution.this.origin).custom_origin_config[0].origin_protocol_policy == "https-only" &&
      one(aws_cloudfront_distribution.this.origin).custom_origin_config[0].origin_ssl_protocols == toset(["TLSv1.2"]) &&
      one(aws_cloudfront_distribution.this.origin).custom_origin_config[0].origin_read_timeout == 35
    )
    error_message = "The distribution asks another host, in the clear, or gives up before the API does."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "https-only"
    error_message = "A token could be sent in the clear."
  }
}

run "answers_are_not_cached_and_requests_arrive_as_they_were_sent" {
  command = plan

  assert {
    condition = (
      aws_cloudfront_distribution.this.default_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" &&
      aws_cloudfront_distribution.this.default_cache_behavior[0].origin_request_policy_id == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    )
    error_message = "One user's answer could be another's, or the token does not arrive."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].allowed_methods == toset(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
    error_message = "A method of the API is refused."
  }
}

run "without_a_domain_the_name_and_certificate_are_cloudfront_s" {
  command = plan

  assert {
    condition = (
      length(aws_cloudfront_distribution.this.aliases) == 0 && length(aws_route53_record.this) == 0 &&
      aws_cloudfront_distribution.this.viewer_certificate[0].cloudfront_default_certificate
    )
    error_message = "Parts of a domain were made that nobody asked for."
  }

  assert {
    condition = (
      output.url == "https://d123example.cloudfront.net" && output.domain_name == "d123example.cloudfront.net" &&
      output.id == "E123EXAMPLE" && output.arn == "arn:aws:cloudfront::111122223333:distribution/E123EXAMPLE" &&
      output.web_acl_arn == "arn:aws:wafv2:us-east-1:111122223333:global/webacl/example/1" &&
      output.log_group_name == "aws-waf-logs-example"
    )
    error_message = "An output does not name the distribution, its web ACL or its log group."
  }
}

run "a_domain_brings_its_certificate_and_records" {
  command = plan

  variables {
    viewer_domain = {
      domain_name     = "recovery.example.com"
      certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
      zone_id         = "Z123"
    }
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.aliases == toset(["recovery.example.com"]) &&
      aws_cloudfront_distribution.this.viewer_certificate[0].acm_certificate_arn == "arn:aws:acm:us-east-1:111122223333:certificate/1" &&
      aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" &&
      aws_cloudfront_distribution.this.viewer_certificate[0].ssl_support_method == "sni-only"
    )
    error_message = "The domain has another certificate, or admits old TLS."
  }

  assert {
    condition = toset([for record in values(aws_route53_record.this) : "${record.type} ${record.name} ${record.zone_id} ${record.alias[0].name}"]) == toset([
      "A recovery.example.com Z123 d123example.cloudfront.net",
      "AAAA recovery.example.com Z123 d123example.cloudfront.net",
    ])
    error_message = "The domain does not lead to the distribution over IPv4 and IPv6."
  }

  assert {
    condition     = output.url == "https://recovery.example.com"
    error_message = "The output does not name the domain."
  }
}

run "countries_can_be_named" {
  command = plan

  variables {
    allowed_countries = ["AT", "DE"]
    price_class       = "PriceClass_All"
    tags              = { team = "ops" }
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.restrictions[0].geo_restriction[0].restriction_type == "whitelist" &&
      aws_cloudfront_distribution.this.restrictions[0].geo_restriction[0].locations == toset(["AT", "DE"]) &&
      aws_cloudfront_distribution.this.price_class == "PriceClass_All" &&
      aws_cloudfront_distribution.this.tags == tomap({ team = "ops" })
    )
    error_message = "A setting does not reach the distribution."
  }
}
