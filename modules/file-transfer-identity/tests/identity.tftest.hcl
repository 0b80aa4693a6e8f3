mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name          = "file-transfer"
  package       = { s3_bucket = "artifacts", s3_key = "file_transfer.zip" }
  content_layer = { s3_bucket = "artifacts", s3_key = "layer-content.zip" }
  server_arn    = "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0"
  homes         = { landing = { bucket = "landing-zone", prefix = "from-sftp/" } }

  file_transfer = {
    landing_bucket = { name = "landing-zone" }
    table_names    = { WorkflowDefinition = "WorkflowDefinition" }
    index_arns     = { WorkflowDefinition = { SftpUserIndex = "arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition/index/SftpUserIndex" } }
    layer_arn      = "arn:aws:lambda:us-east-1:111122223333:layer:common:1"
  }
}

run "the_function_reads_users_by_name_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(local.function_policy).Statement == [{
      Sid      = "FindUser"
      Effect   = "Allow"
      Action   = ["dynamodb:Query"]
      Resource = ["arn:aws:dynamodb:us-east-1:111122223333:table/WorkflowDefinition/index/SftpUserIndex"]
    }]
    error_message = "The function may do more or less than look a user up."
  }
}

run "the_function_opens_the_table_s_key_where_there_is_one" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"
  }

  assert {
    condition     = jsondecode(local.function_policy).Statement[1] == { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] }
    error_message = "The function cannot read an encrypted table, or may do more with its key."
  }
}

run "only_this_server_may_ask" {
  command = plan

  assert {
    condition = (
      aws_lambda_permission.server.principal == "transfer.amazonaws.com" &&
      aws_lambda_permission.server.source_arn == var.server_arn
    )
    error_message = "Somebody else may ask who has an account."
  }
}

run "users_reach_the_places_of_homes_and_nothing_else" {
  command = plan

  variables {
    homes = {
      landing = { bucket = "landing-zone", prefix = "from-sftp/" }
      pickup  = { bucket = "partner.backend", prefix = "", kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1" }
    }
  }

  assert {
    condition = jsondecode(local.user_policy).Statement == [
      {
        Sid       = "ListLandingZone"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::landing-zone"]
        Condition = { StringLike = { "s3:prefix" = ["from-sftp/*"] } }
      },
      {
        Sid       = "ListPartnerBackend"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::partner.backend"]
        Condition = { StringLike = { "s3:prefix" = ["*"] } }
      },
      {
        Sid      = "UseHomes"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = ["arn:aws:s3:::landing-zone/from-sftp/*", "arn:aws:s3:::partner.backend/*"]
      },
      {
        Sid       = "UseKeysThroughS3"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = ["arn:aws:kms:us-east-1:111122223333:key/1"]
        Condition = { StringEquals = { "kms:ViaService" = "s3.us-east-1.amazonaws.com" } }
      },
    ]
    error_message = "Users may do more or less than use their homes."
  }
}

run "the_users_role_is_for_this_server_alone" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition = jsondecode(aws_iam_role.user.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "transfer.amazonaws.com" }
      Condition = {
        ArnLike = { "aws:SourceArn" = [
          "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0",
          "arn:aws:transfer:us-east-1:111122223333:user/s-0123456789abcdef0/*",
        ] }
        StringEquals = { "aws:SourceAccount" = "111122223333" }
      }
    }]
    error_message = "Another server or account could use the role."
  }

  assert {
    condition     = aws_iam_role.user.permissions_boundary == var.permissions_boundary_arn
    error_message = "The boundary does not reach the role."
  }
}

run "the_function_is_told_the_role_it_answers_with" {
  command = plan

  assert {
    condition     = local.user_role_arn == "arn:aws:iam::111122223333:role/${aws_iam_role.user.name}"
    error_message = "Users are given a role that does not exist."
  }
}

run "checking_passwords_has_memory_enough" {
  command = plan

  variables {
    lambda = { memory_size = 128 }
  }

  assert {
    condition     = local.memory_size == 512
    error_message = "A password check of 64 MiB would not fit, or take seconds."
  }
}

run "outputs_name_what_the_server_needs" {
  command = plan

  assert {
    condition = (
      output.function_arn == "arn:aws:lambda:us-east-1:111122223333:function:function" &&
      output.function_names == { identity-provider = "file-transfer-identity-provider" } &&
      output.role_names.sftp_user == "file-transfer-sftp-user"
    )
    error_message = "An output does not name the function or the role."
  }
}
