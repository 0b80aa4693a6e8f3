# What a worker may do once it has assumed the role. QuickSight runs bundle jobs with their caller's permissions: an export
# describes every asset it takes along, an import creates, updates and tags, and a rollback deletes what it created. The actions of
# bundle jobs are those of AWS's policies AWSQuickSightAssetBundleExportPolicy and …ImportPolicy, with folders, on this
# account and Region alone.
locals {
  partition       = data.aws_partition.current.partition
  account         = data.aws_caller_identity.current.account_id
  prefix          = "arn:${local.partition}:quicksight:${var.quicksight.region}:${local.account}"
  identity_prefix = "arn:${local.partition}:quicksight:${coalesce(var.quicksight.identity_region, var.quicksight.region)}:${local.account}"

  arns = merge(
    { for kind in ["analysis", "dashboard", "dataset", "datasource", "folder", "theme", "topic", "vpcConnection"] : kind => "${local.prefix}:${kind}/*" },
    { for kind in ["asset-bundle-export-job", "asset-bundle-import-job"] : kind => "${local.prefix}:${kind}/job-*" },
    { refresh-schedule = "${local.prefix}:dataset/*/refresh-schedule/*" },
  )

  tagged_arns = [for kind in ["analysis", "dashboard", "dataset", "datasource", "folder", "theme", "vpcConnection"] : local.arns[kind]]

  # Both ends are described: the source to export it, the target to plan, to back it up and to verify it.
  read_actions = {
    dashboard        = ["DescribeDashboard", "DescribeDashboardDefinition", "DescribeDashboardPermissions"]
    analysis         = ["DescribeAnalysis", "DescribeAnalysisDefinition", "DescribeAnalysisPermissions"]
    dataset          = ["DescribeDataSet", "DescribeDataSetPermissions", "DescribeDataSetRefreshProperties", "ListRefreshSchedules"]
    refresh-schedule = ["DescribeRefreshSchedule"]
    datasource       = ["DescribeDataSource", "DescribeDataSourcePermissions"]
    theme            = ["DescribeTheme", "DescribeThemePermissions"]
    topic            = ["DescribeTopic"] # only to be told what cannot be migrated
    folder           = ["DescribeFolder", "DescribeFolderPermissions", "ListFolderMembers"]
    vpcConnection    = ["DescribeVPCConnection"]
  }

  write_actions = {
    dashboard        = ["CreateDashboard", "DeleteDashboard", "UpdateDashboard", "UpdateDashboardLinks", "UpdateDashboardPermissions", "UpdateDashboardPublishedVersion"]
    analysis         = ["CreateAnalysis", "DeleteAnalysis", "UpdateAnalysis", "UpdateAnalysisPermissions"]
    dataset          = ["CreateDataSet", "DeleteDataSet", "DeleteDataSetRefreshProperties", "PassDataSet", "PutDataSetRefreshProperties", "UpdateDataSet", "UpdateDataSetPermissions"]
    refresh-schedule = ["CreateRefreshSchedule", "DeleteRefreshSchedule", "UpdateRefreshSchedule"]
    datasource       = ["CreateDataSource", "DeleteDataSource", "PassDataSource", "UpdateDataSource", "UpdateDataSourcePermissions"]
    theme            = ["CreateTheme", "DeleteTheme", "UpdateTheme", "UpdateThemePermissions"]
    folder           = ["CreateFolder", "CreateFolderMembership", "DeleteFolder", "DeleteFolderMembership", "UpdateFolder", "UpdateFolderPermissions"]
    vpcConnection    = ["CreateVPCConnection", "DeleteVPCConnection", "UpdateVPCConnection"]
  }

  sids = { analysis = "Analyses", dashboard = "Dashboards", dataset = "DataSets", datasource = "DataSources", folder = "Folders", refresh-schedule = "RefreshSchedules", theme = "Themes", topic = "Topics", vpcConnection = "VpcConnections" }

  export_statements = concat(
    [for kind, actions in local.read_actions : { Sid = "Read${local.sids[kind]}", Effect = "Allow", Action = [for action in actions : "quicksight:${action}"], Resource = [local.arns[kind]] }],
    [
      { Sid = "ReadTags", Effect = "Allow", Action = ["quicksight:ListTagsForResource"], Resource = local.tagged_arns },
      # An export that takes memberships along asks each asset which folders hold it.
      { Sid = "FindFolders", Effect = "Allow", Action = ["quicksight:ListFoldersForResource"], Resource = [for kind in ["analysis", "dashboard", "dataset", "datasource"] : local.arns[kind]] },
      { Sid = "Export", Effect = "Allow", Action = ["quicksight:DescribeAssetBundleExportJob", "quicksight:StartAssetBundleExportJob"], Resource = [local.arns["asset-bundle-export-job"]] },
      # The edition: account-wide, QuickSight knows no resource for it.
      { Sid = "ReadAccount", Effect = "Allow", Action = ["quicksight:DescribeAccountSettings"], Resource = ["*"] },
    ],
  )

  import_statements = concat(
    [for kind, actions in local.write_actions : { Sid = "Write${local.sids[kind]}", Effect = "Allow", Action = [for action in actions : "quicksight:${action}"], Resource = [local.arns[kind]] }],
    [
      { Sid = "WriteTags", Effect = "Allow", Action = ["quicksight:TagResource", "quicksight:UntagResource"], Resource = local.tagged_arns },
      { Sid = "Import", Effect = "Allow", Action = ["quicksight:DescribeAssetBundleImportJob", "quicksight:StartAssetBundleImportJob"], Resource = [local.arns["asset-bundle-import-job"]] },
      # Whether those exist to whom permissions are to be given.
      { Sid = "FindPrincipals", Effect = "Allow", Action = ["quicksight:DescribeGroup", "quicksight:DescribeUser"], Resource = [for kind in ["group", "user"] : "${local.identity_prefix}:${kind}/${var.quicksight.namespace}/*"] },
    ],
    length(var.quicksight.data_role_arns) == 0 ? [] : [
      { Sid = "PassDataRoles", Effect = "Allow", Action = ["iam:PassRole"], Resource = sort(values(var.quicksight.data_role_arns)), Condition = { StringEquals = { "iam:PassedToService" = "quicksight.amazonaws.com" } } },
    ],
  )

  staging_statements = flatten([
    for bucket in var.staging_bucket[*] : concat([
      { Sid = "StageBundles", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], Resource = ["arn:${local.partition}:s3:::${bucket.name}/towpath/*"] },
      ], bucket.kms_key_arn == null ? [] : [
      { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [bucket.kms_key_arn] },
    ])
  ])

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.export_statements, [for statement in concat(local.import_statements, local.staging_statements) : statement if var.side == "TARGET"])
  })
}
