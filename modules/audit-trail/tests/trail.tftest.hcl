mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}


variables {
  name   = "example"
  bucket = { name = "example-trail" }
}

run "trail_records_every_region_and_shows_when_a_file_was_changed" {
  command = plan

  assert {
    condition = (
      aws_cloudtrail.this.name == "example" && aws_cloudtrail.this.s3_bucket_name == "example-trail" &&
      aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.include_global_service_events &&
      aws_cloudtrail.this.enable_log_file_validation
    )
    error_message = "What happens in another Region, or to a log file, would not show."
  }

  assert {
    condition = (
      length(aws_cloudtrail.this.advanced_event_selector) == 1 &&
      one(aws_cloudtrail.this.advanced_event_selector[0].field_selector).equals == tolist(["Management"])
    )
    error_message = "Management events are missing, or data events are paid for unasked."
  }
}

run "reads_and_writes_of_named_tables_and_functions_are_recorded_where_asked_for" {
  command = plan

  variables {
    data_events = {
      table_arns    = { history = "arn:aws:dynamodb:us-east-1:111122223333:table/execution-history" }
      function_arns = { api = "arn:aws:lambda:us-east-1:111122223333:function:api-handler" }
    }
  }

  assert {
    condition     = length(aws_cloudtrail.this.advanced_event_selector) == 3
    error_message = "A kind of resource has no selector of its own."
  }

  assert {
    condition = jsonencode({ for field in aws_cloudtrail.this.advanced_event_selector[1].field_selector : field.field => field.equals }) == jsonencode({
      "eventCategory"  = ["Data"]
      "resources.type" = ["AWS::DynamoDB::Table"]
      "resources.ARN"  = ["arn:aws:dynamodb:us-east-1:111122223333:table/execution-history"]
    })
    error_message = "Another table's reads and writes are recorded, or this one's are not."
  }

  assert {
    condition = jsonencode({ for field in aws_cloudtrail.this.advanced_event_selector[2].field_selector : field.field => field.equals }) == jsonencode({
      "eventCategory"  = ["Data"]
      "resources.type" = ["AWS::Lambda::Function"]
      "resources.ARN"  = ["arn:aws:lambda:us-east-1:111122223333:function:api-handler"]
    })
    error_message = "Another function's invocations are recorded, or this one's are not."
  }
}

run "only_this_trail_may_write_into_the_bucket" {
  command = plan

  assert {
    condition = jsondecode(local.bucket_policy).Statement == [
      {
        Sid       = "TrailLooksAtBucket"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = "arn:aws:s3:::example-trail"
        Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111122223333:trail/example" } }
      },
      {
        Sid       = "TrailWritesLogs"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::example-trail/AWSLogs/111122223333/*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111122223333:trail/example"
            "s3:x-amz-acl"  = "bucket-owner-full-control"
          }
        }
      },
    ]
    error_message = "CloudTrail cannot write, or could write the logs of somebody else's trail."
  }
}

run "settings_reach_the_trail" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
    tags        = { team = "ops" }
  }

  assert {
    condition     = aws_cloudtrail.this.kms_key_id == var.kms_key_arn && aws_cloudtrail.this.tags == tomap({ team = "ops" })
    error_message = "A setting does not reach the trail."
  }
}

run "outputs_name_trail_and_bucket" {
  command = plan

  assert {
    condition = (
      output.arn == "arn:aws:cloudtrail:us-east-1:111122223333:trail/example" &&
      output.name == "example" && output.bucket_name == "example-trail"
    )
    error_message = "An output does not name the trail or its bucket."
  }
}
