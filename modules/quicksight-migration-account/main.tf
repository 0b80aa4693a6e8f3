data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

# Assumed from the tools account by the workers of a migration, each named in full. The session is called after the job, so that
# the account's own CloudTrail says which job did what.
resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "QuickSight migrations ${local.description}."
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.trust_policy
  tags                 = var.tags
}

resource "aws_iam_role_policy" "this" {
  name   = "migration"
  role   = aws_iam_role.this.name
  policy = local.policy

  lifecycle {
    precondition {
      condition     = length(local.policy) <= 10240
      error_message = "quicksight.data_role_arns: the policy has ${length(local.policy)} characters, and IAM takes 10240 of inline policy a role: name fewer roles."
    }
  }
}

module "staging" {
  source = "../s3-bucket"
  count  = var.staging_bucket == null ? 0 : 1

  name          = var.staging_bucket.name
  force_destroy = var.staging_bucket.force_destroy
  kms_key_arn   = var.staging_bucket.kms_key_arn
  managed_key   = var.staging_bucket.kms_key_arn == null
  lifecycle_rules = {
    abort_multipart_days = 1
    expiration_days      = var.staging_bucket.expiration_days
    noncurrent_days      = var.staging_bucket.expiration_days
  }
  tags = var.tags
}

locals {
  description = var.side == "SOURCE" ? "read and export this account's assets" : "plan, back up, import and verify assets in this account"

  trust_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "WorkersOfAMigration"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = sort(var.trusted_role_arns) }
      Condition = {
        StringEquals = merge(
          { "sts:ExternalId" = var.external_id },
          var.organization_id == null ? {} : { "aws:PrincipalOrgID" = var.organization_id },
        )
        StringLike = { "sts:RoleSessionName" = ["drift-*", "job-*"] }
      }
    }]
  })
}
