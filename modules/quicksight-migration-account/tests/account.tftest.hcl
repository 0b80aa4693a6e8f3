mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name              = "towpath-bi-target"
  side              = "TARGET"
  external_id       = "towpath-7d1f0c52a9e4"
  trusted_role_arns = ["arn:aws:iam::111122223333:role/biops-preflight", "arn:aws:iam::111122223333:role/biops-import-assets"]
  quicksight        = { region = "eu-central-1" }
  staging_bucket    = { name = "example-bi-staging" }
}

run "exactly_the_workers_assume_the_role_and_only_with_the_external_id" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Sid       = "WorkersOfAMigration"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = ["arn:aws:iam::111122223333:role/biops-import-assets", "arn:aws:iam::111122223333:role/biops-preflight"] }
      Condition = {
        StringEquals = { "sts:ExternalId" = "towpath-7d1f0c52a9e4" }
        StringLike   = { "sts:RoleSessionName" = ["drift-*", "job-*"] }
      }
    }]
    error_message = "Somebody else could act in the account, or without saying for which job."
  }
}

run "an_organisation_is_asked_for_where_one_is_named" {
  command = plan

  variables {
    organization_id = "o-a1b2c3d4e5"
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["aws:PrincipalOrgID"] == "o-a1b2c3d4e5"
    error_message = "Roles of any organisation are trusted."
  }
}

run "a_source_is_read_and_exported_and_nothing_else" {
  command = plan

  variables {
    side           = "SOURCE"
    staging_bucket = null
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      { Sid = "ReadAnalyses", Effect = "Allow", Action = ["quicksight:DescribeAnalysis", "quicksight:DescribeAnalysisDefinition", "quicksight:DescribeAnalysisPermissions"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:analysis/*"] },
      { Sid = "ReadDashboards", Effect = "Allow", Action = ["quicksight:DescribeDashboard", "quicksight:DescribeDashboardDefinition", "quicksight:DescribeDashboardPermissions"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:dashboard/*"] },
      { Sid = "ReadDataSets", Effect = "Allow", Action = ["quicksight:DescribeDataSet", "quicksight:DescribeDataSetPermissions", "quicksight:DescribeDataSetRefreshProperties", "quicksight:ListRefreshSchedules"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:dataset/*"] },
      { Sid = "ReadDataSources", Effect = "Allow", Action = ["quicksight:DescribeDataSource", "quicksight:DescribeDataSourcePermissions"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:datasource/*"] },
      { Sid = "ReadFolders", Effect = "Allow", Action = ["quicksight:DescribeFolder", "quicksight:DescribeFolderPermissions", "quicksight:ListFolderMembers"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:folder/*"] },
      { Sid = "ReadRefreshSchedules", Effect = "Allow", Action = ["quicksight:DescribeRefreshSchedule"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:dataset/*/refresh-schedule/*"] },
      { Sid = "ReadThemes", Effect = "Allow", Action = ["quicksight:DescribeTheme", "quicksight:DescribeThemePermissions"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:theme/*"] },
      { Sid = "ReadTopics", Effect = "Allow", Action = ["quicksight:DescribeTopic"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:topic/*"] },
      { Sid = "ReadVpcConnections", Effect = "Allow", Action = ["quicksight:DescribeVPCConnection"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:vpcConnection/*"] },
      { Sid = "ReadTags", Effect = "Allow", Action = ["quicksight:ListTagsForResource"], Resource = [for kind in ["analysis", "dashboard", "dataset", "datasource", "folder", "theme", "vpcConnection"] : "arn:aws:quicksight:eu-central-1:444455556666:${kind}/*"] },
      { Sid = "FindFolders", Effect = "Allow", Action = ["quicksight:ListFoldersForResource"], Resource = [for kind in ["analysis", "dashboard", "dataset", "datasource"] : "arn:aws:quicksight:eu-central-1:444455556666:${kind}/*"] },
      { Sid = "Export", Effect = "Allow", Action = ["quicksight:DescribeAssetBundleExportJob", "quicksight:StartAssetBundleExportJob"], Resource = ["arn:aws:quicksight:eu-central-1:444455556666:asset-bundle-export-job/job-*"] },
      { Sid = "ReadAccount", Effect = "Allow", Action = ["quicksight:DescribeAccountSettings"], Resource = ["*"] },
    ]
    error_message = "Workers may do something else in a source account than they have to."
  }

  assert {
    condition     = !can(regex("\"(quicksight:(Create|Update|Delete|Put|Tag|Untag|Pass)|s3:)", aws_iam_role_policy.this.policy))
    error_message = "A migration could change its source."
  }

  assert {
    condition     = output.staging_bucket_name == null
    error_message = "A source account got a staging bucket."
  }
}

run "a_target_is_written_type_by_type" {
  command = plan

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid => {
        actions   = [for action in statement.Action : trimprefix(action, "quicksight:")]
        resources = [for arn in statement.Resource : trimprefix(arn, "arn:aws:quicksight:eu-central-1:444455556666:")]
      } if can(regex("^(Write|Import|FindPrincipals|Pass)", statement.Sid))
      } == {
      WriteDashboards       = { actions = ["CreateDashboard", "DeleteDashboard", "UpdateDashboard", "UpdateDashboardLinks", "UpdateDashboardPermissions", "UpdateDashboardPublishedVersion"], resources = ["dashboard/*"] }
      WriteAnalyses         = { actions = ["CreateAnalysis", "DeleteAnalysis", "UpdateAnalysis", "UpdateAnalysisPermissions"], resources = ["analysis/*"] }
      WriteDataSets         = { actions = ["CreateDataSet", "DeleteDataSet", "DeleteDataSetRefreshProperties", "PassDataSet", "PutDataSetRefreshProperties", "UpdateDataSet", "UpdateDataSetPermissions"], resources = ["dataset/*"] }
      WriteDataSources      = { actions = ["CreateDataSource", "DeleteDataSource", "PassDataSource", "UpdateDataSource", "UpdateDataSourcePermissions"], resources = ["datasource/*"] }
      WriteThemes           = { actions = ["CreateTheme", "DeleteTheme", "UpdateTheme", "UpdateThemePermissions"], resources = ["theme/*"] }
      WriteFolders          = { actions = ["CreateFolder", "CreateFolderMembership", "DeleteFolder", "DeleteFolderMembership", "UpdateFolder", "UpdateFolderPermissions"], resources = ["folder/*"] }
      WriteRefreshSchedules = { actions = ["CreateRefreshSchedule", "DeleteRefreshSchedule", "UpdateRefreshSchedule"], resources = ["dataset/*/refresh-schedule/*"] }
      WriteVpcConnections   = { actions = ["CreateVPCConnection", "DeleteVPCConnection", "UpdateVPCConnection"], resources = ["vpcConnection/*"] }
      WriteTags             = { actions = ["TagResource", "UntagResource"], resources = [for kind in ["analysis", "dashboard", "dataset", "datasource", "folder", "theme", "vpcConnection"] : "${kind}/*"] }
      Import                = { actions = ["DescribeAssetBundleImportJob", "StartAssetBundleImportJob"], resources = ["asset-bundle-import-job/job-*"] }
      FindPrincipals        = { actions = ["DescribeGroup", "DescribeUser"], resources = ["group/default/*", "user/default/*"] }
    }
    error_message = "Workers may do something else in a target account than they have to."
  }

  assert {
    condition     = length(setsubtract([for statement in local.export_statements : jsonencode(statement)], [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : jsonencode(statement)])) == 0
    error_message = "A target cannot be backed up, or not be compared with the plan."
  }

  assert {
    condition     = length(aws_iam_role_policy.this.policy) < 8000
    error_message = "IAM takes 10240 characters of inline policy a role, and roles for data are to be named too."
  }
}

run "no_action_is_a_wildcard_and_one_statement_knows_no_resource" {
  command = plan

  assert {
    condition     = !anytrue(flatten([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : [for action in statement.Action : strcontains(action, "*")]]))
    error_message = "quicksight:* and the like are not granted."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid if contains(statement.Resource, "*")] == ["ReadAccount"]
    error_message = "A statement on all resources is new, or this one has become narrower: say so here."
  }
}

run "bundles_are_staged_below_one_prefix_of_one_bucket" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement if can(regex("Bundles$", statement.Sid))] == [
      { Sid = "StageBundles", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], Resource = ["arn:aws:s3:::example-bi-staging/towpath/*"] },
    ]
    error_message = "Objects elsewhere could be read or written, or bundles deleted."
  }

  assert {
    condition     = module.staging[0].name == "example-bi-staging" && output.staging_bucket_name == "example-bi-staging"
    error_message = "The staging bucket is another one."
  }
}

run "a_key_of_ones_own_is_granted_where_one_is_named" {
  command = plan

  variables {
    staging_bucket = { name = "example-bi-staging", kms_key_arn = "arn:aws:kms:eu-central-1:444455556666:key/k" }
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "UseKey"] == [["arn:aws:kms:eu-central-1:444455556666:key/k"]]
    error_message = "Bundles could not be staged, or any key could be used."
  }
}

run "roles_for_data_are_passed_to_quicksight_one_by_one" {
  command = plan

  variables {
    quicksight = { region = "eu-central-1", identity_region = "us-east-1", namespace = "sales", data_role_arns = { athena = "arn:aws:iam::444455556666:role/athena" } }
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement if statement.Sid == "PassDataRoles"] == [{
      Sid       = "PassDataRoles"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = ["arn:aws:iam::444455556666:role/athena"]
      Condition = { StringEquals = { "iam:PassedToService" = "quicksight.amazonaws.com" } }
    }]
    error_message = "A role that nobody named could be passed, or to another service."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "FindPrincipals"] == [
      ["arn:aws:quicksight:us-east-1:444455556666:group/sales/*", "arn:aws:quicksight:us-east-1:444455556666:user/sales/*"]
    ]
    error_message = "Users and groups live in the identity Region, in a namespace."
  }
}

run "settings_reach_the_role" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::444455556666:policy/boundary"
    tags                     = { team = "bi" }
  }

  assert {
    condition     = aws_iam_role.this.name == "towpath-bi-target" && aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.this.tags == tomap({ team = "bi" })
    error_message = "A setting does not reach the role."
  }

  assert {
    condition     = output.role_arn == "arn:aws:iam::444455556666:role/towpath-bi" && output.role_name == "towpath-bi-target"
    error_message = "An output names another role."
  }
}
