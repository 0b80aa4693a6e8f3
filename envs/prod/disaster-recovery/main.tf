module "disaster_recovery" {
  source = "../../../modules/drs-orchestration"

  name                = "disaster-recovery"
  definition_template = file("${path.module}/../../../asl/drs_recovery.asl.json")
  package             = var.package
  layer               = var.layer
  alarm_actions       = var.alarm_actions

  api = { custom_domain = var.api_domain }

  recovery = {
    regions            = var.recovery_regions
    roles              = var.recovery_roles
    instance_role_arns = var.instance_role_arns
  }

  actions = {
    function_arns        = var.action_function_arns
    automation_documents = var.automation_documents
    probe_hosts          = var.probe_hosts
  }

  orchestration = { notification_emails = var.notification_emails }
  records       = { deletion_protection = true }
}

# A WAF cannot be attached to an HTTP API: it stands in front (docs/adr/0015-waf-in-front-of-an-http-api.md).
module "edge" {
  source = "../../../modules/web-distribution"
  count  = var.edge == null ? 0 : 1

  providers = { aws = aws.us_east_1 }

  name              = "disaster-recovery"
  origin_host_name  = module.disaster_recovery.api_host_name
  viewer_domain     = var.edge.viewer_domain
  allowed_countries = var.edge.allowed_countries
}

module "trail" {
  source = "../../../modules/audit-trail"
  count  = var.trail == null ? 0 : 1

  name   = "disaster-recovery"
  bucket = { name = "towpath-prod-${var.account_id}-disaster-recovery-trail" }

  data_events = {
    table_arns = {
      for key, name in module.disaster_recovery.table_names : key => "arn:aws:dynamodb:${var.region}:${var.account_id}:table/${name}"
      if contains(var.trail.tables, key)
    }
  }
}
