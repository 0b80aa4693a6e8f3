# The disaster recovery system on the local cloud: the same module as in dev and prod, with short times. The local DRS runs on
# a fast clock, so minutes of a launch are seconds here.
locals {
  tags = { Environment = "local", System = "disaster-recovery" }
}

module "disaster_recovery" {
  source = "../../../modules/drs-orchestration"

  name                = "disaster-recovery"
  definition_template = file("${path.module}/../../../asl/drs_recovery.asl.json")
  package             = var.package
  layer               = var.layer
  lambda              = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }

  # A machine without a telephone signs in here: no second factor.
  access = { mfa_configuration = "OPTIONAL" }

  recovery = { roles = { second-account = "arn:aws:iam::222222222222:role/towpath-recovery" } }

  actions = {
    function_arns        = { check = "arn:aws:lambda:us-east-1:000000000000:function:disaster-recovery-check" }
    automation_documents = { warm-up = "towpath-warm-up" }
    probe_hosts          = ["localhost"]
  }

  orchestration = {
    heartbeat_seconds    = 10
    cancel_limit_seconds = 600
    intent_grace_seconds = 5
    quick_poll_seconds   = 1
  }

  records = { deletion_protection = false }
}
