mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example-landing"
}

run "bucket_admits_no_public_and_no_plain_http" {
  command = plan

  assert {
    condition = (
      aws_s3_bucket_public_access_block.this.block_public_acls &&
      aws_s3_bucket_public_access_block.this.block_public_policy &&
      aws_s3_bucket_public_access_block.this.ignore_public_acls &&
      aws_s3_bucket_public_access_block.this.restrict_public_buckets
    )
    error_message = "A way to make objects public is open."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::example-landing", "arn:aws:s3:::example-landing/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }]
    }
    error_message = "The policy does more or less than deny plain HTTP."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Object ACLs are in force, and writers of other accounts would own what they write."
  }
}

run "versions_are_kept_and_objects_encrypted" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "An overwrite would lose the earlier object."
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    ])
    error_message = "Objects are not encrypted by S3."
  }
}

run "versioning_can_be_suspended" {
  command = plan

  variables {
    versioning = false
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Suspended"
    error_message = "Versioning stays on."
  }
}

run "objects_use_the_given_key_asked_for_once_an_hour" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" &&
      rule.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn &&
      rule.bucket_key_enabled
    ])
    error_message = "Objects are not encrypted with the key, or every object costs a KMS call."
  }
}

run "the_accounts_own_key_is_used_where_kms_is_to_be_asked" {
  command = plan

  variables {
    managed_key = true
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && rule.bucket_key_enabled
    ])
    error_message = "Objects are not encrypted with KMS, or every object costs a KMS call."
  }
}

run "events_are_sent_only_when_asked_for" {
  command = plan

  assert {
    condition     = aws_s3_bucket_notification.this.eventbridge == false
    error_message = "Events are sent, and billed, unasked."
  }
}

run "events_go_to_eventbridge" {
  command = plan

  variables {
    eventbridge_notifications = true
  }

  assert {
    condition     = aws_s3_bucket_notification.this.eventbridge
    error_message = "The bucket's events go nowhere."
  }
}

run "settings_reach_the_bucket" {
  command = plan

  variables {
    force_destroy = true
    tags          = { team = "ops" }
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy && aws_s3_bucket.this.tags == tomap({ team = "ops" })
    error_message = "A setting does not reach the bucket."
  }
}

run "nothing_expires_by_default_and_nothing_is_destroyed_with_objects" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0 && aws_s3_bucket.this.force_destroy == false
    error_message = "Objects would be removed unasked."
  }
}

run "unfinished_uploads_and_old_versions_are_cleaned_up" {
  command = plan

  variables {
    lifecycle_rules = { abort_multipart_days = 3, noncurrent_days = 30 }
  }

  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.this[0].rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 3 &&
      aws_s3_bucket_lifecycle_configuration.this[0].rule[1].noncurrent_version_expiration[0].noncurrent_days == 30 &&
      aws_s3_bucket_lifecycle_configuration.this[0].rule[1].expiration[0].expired_object_delete_marker
    )
    error_message = "A rule is not the one given."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[*].status == tolist(["Enabled", "Enabled"])
    error_message = "A rule is there but off."
  }
}

run "old_versions_are_kept_unless_days_are_given" {
  command = plan

  variables {
    lifecycle_rules = {}
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[*].id == tolist(["abort-unfinished-uploads"])
    error_message = "Something expires besides unfinished uploads."
  }
}

run "outputs_name_the_bucket" {
  command = plan

  assert {
    condition     = output.name == "example-landing" && output.arn == "arn:aws:s3:::example-landing"
    error_message = "An output does not name the bucket."
  }
}

run "a_service_may_be_admitted_to_the_bucket" {
  command = plan

  variables {
    bucket_policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Sid = "Write", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "s3:PutObject", Resource = "arn:aws:s3:::example-landing/*" }]
    })
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["DenyPlainHttp", "Write"]
    error_message = "The caller's statement is missing, or plain HTTP is no longer refused."
  }
}

run "objects_expire_where_days_are_given" {
  command = plan

  variables {
    lifecycle_rules = { expiration_days = 14, noncurrent_days = 1 }
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : rule.expiration[0].days if rule.id == "expire-objects"
    ] == [14]
    error_message = "Objects are kept, or gone too soon."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : rule.id] == ["abort-unfinished-uploads", "expire-objects", "expire-noncurrent-versions"]
    error_message = "A rule is missing, or there is one more."
  }
}

run "objects_are_locked_when_that_is_wanted" {
  command = plan

  variables {
    object_lock = { mode = "COMPLIANCE", days = 2555 }
  }

  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled
    error_message = "A bucket that was made without the lock cannot get one."
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].mode == "COMPLIANCE" && aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].days == 2555
    error_message = "New objects are locked otherwise than asked for."
  }
}

run "nothing_is_locked_unasked" {
  command = plan

  assert {
    condition     = !aws_s3_bucket.this.object_lock_enabled && length(aws_s3_bucket_object_lock_configuration.this) == 0
    error_message = "A lock cannot be taken off again."
  }
}
