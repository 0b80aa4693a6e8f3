locals {
  # Policies that AWS manages; the ids are the same in every account.
  caching_disabled              = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  all_viewer_except_host_header = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
  security_headers              = "67f7725c-6f97-4210-82d7-5512b31e9d03"
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_86:The web ACL logs every request already (firewall.tf), with the verdict
  #checkov:skip=CKV_AWS_174:Without a domain of its own the certificate is CloudFront's, which fixes the oldest TLS version
  #checkov:skip=CKV_AWS_305:An API has no root object
  #checkov:skip=CKV_AWS_310:There is one API to turn to; failing over to another Region is a decision of its system
  #checkov:skip=CKV_AWS_374:Operators travel; the caller may name countries (allowed_countries)
  #checkov:skip=CKV2_AWS_32:There is one (security_headers); checkov does not follow locals
  #checkov:skip=CKV2_AWS_47:AWSManagedRulesKnownBadInputsRuleSet is among the default groups; checkov does not see dynamic rules
  #checkov:skip=CKV2_AWS_42:A certificate comes with the domain, which is the caller's choice (viewer_domain)
  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  aliases         = var.viewer_domain == null ? [] : [var.viewer_domain.domain_name]
  web_acl_id      = aws_wafv2_web_acl.this.arn
  tags            = var.tags

  origin {
    origin_id   = "api"
    domain_name = var.origin_host_name

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      # A little longer than the API itself waits for its function.
      origin_read_timeout = 35
    }
  }

  default_cache_behavior {
    target_origin_id = "api"
    allowed_methods  = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods   = ["GET", "HEAD"]
    compress         = true

    # Not redirect-to-https: the first request would have sent its token in the clear already.
    viewer_protocol_policy     = "https-only"
    cache_policy_id            = local.caching_disabled
    origin_request_policy_id   = local.all_viewer_except_host_header
    response_headers_policy_id = local.security_headers
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.allowed_countries) == 0 ? "none" : "whitelist"
      locations        = var.allowed_countries
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.viewer_domain == null
    acm_certificate_arn            = try(var.viewer_domain.certificate_arn, null)
    minimum_protocol_version       = var.viewer_domain == null ? null : "TLSv1.2_2021"
    ssl_support_method             = var.viewer_domain == null ? null : "sni-only"
  }
}

resource "aws_route53_record" "this" {
  for_each = toset(try(var.viewer_domain.zone_id, null) == null ? [] : ["A", "AAAA"])

  zone_id = var.viewer_domain.zone_id
  name    = var.viewer_domain.domain_name
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}
