mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name    = "example"
  handler = "example.handler"
  package = { s3_bucket = "artifacts", s3_key = "example-abc.zip" }
}

run "logs_go_to_the_module_s_own_group_as_json" {
  command = plan

  variables {
    log_retention_days = 30
    log_levels         = { application_level = "DEBUG" }
    kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/example"
    error_message = "Lambda would log to a group Terraform does not manage."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30 && aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn
    error_message = "Retention and key do not reach the log group."
  }

  assert {
    condition = aws_lambda_function.this.logging_config[0] == {
      application_log_level = "DEBUG"
      log_format            = "JSON"
      log_group             = "/aws/lambda/example"
      system_log_level      = "WARN"
    }
    error_message = "The function does not log JSON into its group."
  }
}

run "code_comes_from_a_bucket" {
  command = plan

  variables {
    package = { s3_bucket = "artifacts", s3_key = "example.zip", s3_object_version = "v1" }
  }

  assert {
    condition = (
      aws_lambda_function.this.s3_bucket == "artifacts" &&
      aws_lambda_function.this.s3_key == "example.zip" &&
      aws_lambda_function.this.s3_object_version == "v1" &&
      aws_lambda_function.this.filename == null
    )
    error_message = "The package's bucket, key and version do not reach the function."
  }
}

run "code_comes_from_a_file_and_its_hash" {
  command = plan

  variables {
    package = { filename = "example.zip", source_code_hash = "aGFzaA==" }
  }

  assert {
    condition     = aws_lambda_function.this.filename == "example.zip" && aws_lambda_function.this.source_code_hash == "aGFzaA=="
    error_message = "The package's file and hash do not reach the function."
  }
}

run "runs_python_on_arm_without_tracing_or_reserved_concurrency" {
  command = plan

  assert {
    condition = (
      aws_lambda_function.this.runtime == "python3.13" &&
      aws_lambda_function.this.architectures == tolist(["arm64"]) &&
      aws_lambda_function.this.tracing_config[0].mode == "PassThrough" &&
      aws_lambda_function.this.reserved_concurrent_executions == -1
    )
    error_message = "The defaults changed."
  }

  assert {
    condition     = length(aws_lambda_function.this.environment) == 0 && length(aws_lambda_function.this.dead_letter_config) == 0
    error_message = "A plain function has no environment and no dead-letter queue."
  }
}

run "settings_reach_the_function" {
  command = plan

  variables {
    description                    = "What it does."
    layers                         = ["arn:aws:lambda:us-east-1:111122223333:layer:deps:1"]
    platform                       = { runtime = "python3.12", architecture = "x86_64", ephemeral_storage_mb = 1024 }
    memory_size                    = 512
    timeout                        = 60
    reserved_concurrent_executions = 5
    tracing                        = true
    tags                           = { team = "ops" }
  }

  assert {
    condition = (
      aws_lambda_function.this.description == "What it does." &&
      aws_lambda_function.this.handler == "example.handler" &&
      aws_lambda_function.this.layers == tolist(["arn:aws:lambda:us-east-1:111122223333:layer:deps:1"]) &&
      aws_lambda_function.this.runtime == "python3.12" &&
      aws_lambda_function.this.architectures == tolist(["x86_64"]) &&
      aws_lambda_function.this.ephemeral_storage[0].size == 1024 &&
      aws_lambda_function.this.memory_size == 512 &&
      aws_lambda_function.this.timeout == 60 &&
      aws_lambda_function.this.reserved_concurrent_executions == 5 &&
      aws_lambda_function.this.tracing_config[0].mode == "Active"
    )
    error_message = "A setting does not reach the function."
  }

  assert {
    condition = alltrue([
      for tags in [aws_lambda_function.this.tags, aws_iam_role.this.tags, aws_cloudwatch_log_group.this.tags] :
      tags == tomap({ team = "ops" })
    ])
    error_message = "A resource lacks the tags."
  }
}

run "key_is_set_only_where_an_environment_is_there_to_encrypt" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == null
    error_message = "Lambda drops the key of a function without environment, and every plan would show it again."
  }
}

run "environment_is_encrypted_with_the_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
    environment = { LOG_LEVEL = "INFO" }
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == var.kms_key_arn && aws_lambda_function.this.environment[0].variables == tomap({ LOG_LEVEL = "INFO" })
    error_message = "The environment or its key does not reach the function."
  }
}

run "outputs_name_what_was_made" {
  command = plan

  assert {
    condition = (
      output.name == "example" &&
      output.arn == "arn:aws:lambda:us-east-1:111122223333:function:example" &&
      output.role_name == "example" &&
      output.role_arn == "arn:aws:iam::111122223333:role/example" &&
      output.log_group_name == "/aws/lambda/example" &&
      output.log_group_arn == "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/example"
    )
    error_message = "An output does not name the function, its role or its log group."
  }
}
