mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name = "example"
  users = {
    partner = {
      home = { bucket = "landing", prefix = "inbound/partner/" }
      ssh_public_keys = {
        laptop = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBc4 partner"
        server = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7"
      }
    }
  }
}

run "user_sees_the_home_prefix_as_root" {
  command = plan

  assert {
    condition = (
      aws_transfer_user.this["partner"].home_directory_type == "LOGICAL" &&
      aws_transfer_user.this["partner"].home_directory_mappings[0].entry == "/" &&
      aws_transfer_user.this["partner"].home_directory_mappings[0].target == "/landing/inbound/partner"
    )
    error_message = "The user could see more than the home prefix."
  }
}

run "each_key_is_registered_by_itself" {
  command = plan

  assert {
    condition = { for key, resource in aws_transfer_ssh_key.this : key => [resource.user_name, resource.body] } == {
      "partner/laptop" = ["partner", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBc4 partner"]
      "partner/server" = ["partner", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7"]
    }
    error_message = "The user's keys are not those given."
  }
}

run "role_may_read_and_write_under_the_home_prefix_only" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.user["partner"].policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "ListHome"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = ["arn:aws:s3:::landing"]
          Condition = { StringLike = { "s3:prefix" = ["inbound/partner", "inbound/partner/*"] } }
        },
        {
          Sid      = "UseHome"
          Effect   = "Allow"
          Action   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
          Resource = ["arn:aws:s3:::landing/inbound/partner/*"]
        },
      ]
    }
    error_message = "The user may do more or less than use the home prefix."
  }
}

run "role_can_only_be_assumed_for_users_of_this_server" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition = jsondecode(aws_iam_role.user["partner"].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "transfer.amazonaws.com" }
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:aws:transfer:us-east-1:111122223333:user/s-0123456789abcdef0/*" }
        StringEquals = { "aws:SourceAccount" = "111122223333" }
      }
    }]
    error_message = "Another server or account could use the role."
  }

  assert {
    condition     = aws_iam_role.user["partner"].permissions_boundary == var.permissions_boundary_arn
    error_message = "The boundary does not reach the role."
  }
}

run "access_modes_differ_in_what_may_be_done_with_objects_and_key" {
  command = plan

  variables {
    users = {
      reader = {
        home   = { bucket = "outbound", kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1" }
        access = "read-only"
      }
      sender = {
        home   = { bucket = "landing", prefix = "sender", kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1" }
        access = "write-only"
      }
    }
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.user["reader"].policy).Statement == [
      {
        Sid       = "ListHome"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::outbound"]
        Condition = { StringLike = { "s3:prefix" = ["*"] } }
      },
      {
        Sid      = "UseHome"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = ["arn:aws:s3:::outbound/*"]
      },
      {
        Sid       = "UseKeyThroughS3"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = ["arn:aws:kms:us-east-1:111122223333:key/1"]
        Condition = { StringEquals = { "kms:ViaService" = "s3.us-east-1.amazonaws.com" } }
      },
    ]
    error_message = "A read-only user may do more or less than read the bucket."
  }

  assert {
    condition = [
      for statement in slice(jsondecode(aws_iam_role_policy.user["sender"].policy).Statement, 1, 3) : [statement.Action, statement.Resource]
      ] == [
      [["s3:PutObject"], ["arn:aws:s3:::landing/sender/*"]],
      [["kms:Decrypt", "kms:GenerateDataKey"], ["arn:aws:kms:us-east-1:111122223333:key/1"]],
    ]
    error_message = "A write-only user may do more or less than put objects."
  }

  assert {
    condition     = aws_transfer_user.this["reader"].home_directory_mappings[0].target == "/outbound"
    error_message = "A home without prefix is not the bucket itself."
  }
}

run "tags_reach_server_users_and_roles" {
  command = plan

  variables {
    tags = { team = "ops" }
  }

  assert {
    condition     = aws_transfer_server.this.tags == tomap({ Name = "example", team = "ops" })
    error_message = "The server cannot be told from others in a console."
  }

  assert {
    condition = alltrue([
      for tags in [aws_transfer_user.this["partner"].tags, aws_iam_role.user["partner"].tags, aws_cloudwatch_log_group.this.tags] :
      tags == tomap({ team = "ops" })
    ])
    error_message = "A resource lacks the tags."
  }
}

run "outputs_are_keyed_like_the_users" {
  command = plan

  assert {
    condition     = output.user_names == { partner = "partner" } && output.user_role_names == { partner = "example-partner" }
    error_message = "Users or roles are not keyed by login name."
  }
}
