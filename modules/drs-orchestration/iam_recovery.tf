# DRS launches and terminates with the caller's permissions: whoever calls StartRecovery needs what AWS's own console policy
# (AWSElasticDisasterRecoveryConsoleFullAccess_v2) grants for it. The conditions keep that power inside of DRS: only through a
# service (aws:ViaAWSService), only on what carries DRS's tag.
locals {
  regions = length(var.recovery.regions) == 0 ? [local.region] : var.recovery.regions

  drs_arns = { for kind in ["source-server", "recovery-instance", "job"] : kind => [for region in local.regions : "arn:${local.partition}:drs:${region}:${local.account}:${kind}/*"] }
  ec2_arns = { for kind in ["instance", "launch-template", "network-interface", "security-group", "snapshot", "subnet", "volume"] : kind => [for region in local.regions : "arn:${local.partition}:ec2:${region}:${local.account}:${kind}/*"] }
  images   = [for region in local.regions : "arn:${local.partition}:ec2:${region}::image/*"]

  via_service   = { Bool = { "aws:ViaAWSService" = "true" } }
  is_managed    = { Null = { "aws:ResourceTag/AWSElasticDisasterRecoveryManaged" = "false" } }
  gets_managed  = { Null = { "aws:RequestTag/AWSElasticDisasterRecoveryManaged" = "false" } }
  conversion    = "arn:${local.partition}:iam::${local.account}:role/service-role/AWSElasticDisasterRecoveryConversionServerRole"
  recovery_role = "arn:${local.partition}:iam::${local.account}:role/service-role/AWSElasticDisasterRecoveryRecoveryInstanceRole"

  launch_statements = [
    { Sid = "StartRecovery", Effect = "Allow", Action = ["drs:CreateRecoveryInstanceForDrs", "drs:StartRecovery"], Resource = local.drs_arns["source-server"] },
    { Sid = "TagJobs", Effect = "Allow", Action = ["drs:ListTagsForResource", "drs:TagResource"], Resource = concat(local.drs_arns["job"], local.drs_arns["recovery-instance"], local.drs_arns["source-server"]) },
    { Sid = "PassLaunchRoles", Effect = "Allow", Action = ["iam:PassRole"], Resource = concat([local.conversion, local.recovery_role], sort(values(var.recovery.instance_role_arns))), Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } } },
    { Sid = "LookAround", Effect = "Allow", Action = [
      "ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones", "ec2:DescribeImages", "ec2:DescribeInstanceAttribute", "ec2:DescribeInstanceStatus",
      "ec2:DescribeInstanceTypes", "ec2:DescribeInstances", "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups",
      "ec2:DescribeSnapshots", "ec2:DescribeSubnets", "ec2:DescribeVolumes",
    ], Resource = ["*"] },
    { Sid = "CreateTemplates", Effect = "Allow", Action = ["ec2:CreateLaunchTemplate"], Resource = local.ec2_arns["launch-template"], Condition = local.gets_managed },
    { Sid = "ChangeTemplates", Effect = "Allow", Action = ["ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions", "ec2:ModifyLaunchTemplate"], Resource = local.ec2_arns["launch-template"], Condition = local.is_managed },
    { Sid = "TagWhatIsCreated", Effect = "Allow", Action = ["ec2:CreateTags"], Resource = concat(local.ec2_arns["instance"], local.ec2_arns["launch-template"], local.ec2_arns["security-group"], local.ec2_arns["snapshot"], local.ec2_arns["volume"]), Condition = merge(local.via_service, { StringEquals = { "ec2:CreateAction" = ["CreateLaunchTemplate", "CreateSecurityGroup", "CreateSnapshot", "CreateVolume", "RunInstances"] } }) },
    { Sid = "CreateVolumes", Effect = "Allow", Action = ["ec2:CreateVolume"], Resource = local.ec2_arns["volume"], Condition = merge(local.via_service, local.gets_managed) },
    { Sid = "CreateVolumesFromSnapshots", Effect = "Allow", Action = ["ec2:CreateVolume"], Resource = local.ec2_arns["snapshot"], Condition = merge(local.via_service, local.is_managed) },
    { Sid = "SnapshotVolumes", Effect = "Allow", Action = ["ec2:CreateSnapshot"], Resource = local.ec2_arns["volume"], Condition = merge(local.via_service, local.is_managed) },
    { Sid = "CreateSnapshots", Effect = "Allow", Action = ["ec2:CreateSnapshot"], Resource = local.ec2_arns["snapshot"], Condition = merge(local.via_service, local.gets_managed) },
    { Sid = "RunInstances", Effect = "Allow", Action = ["ec2:RunInstances"], Resource = local.ec2_arns["instance"], Condition = merge(local.via_service, local.gets_managed) },
    { Sid = "RunInstancesWith", Effect = "Allow", Action = ["ec2:RunInstances"], Resource = concat(local.images, local.ec2_arns["launch-template"], local.ec2_arns["network-interface"], local.ec2_arns["security-group"], local.ec2_arns["subnet"], local.ec2_arns["volume"]), Condition = local.via_service },
    { Sid = "AttachVolumes", Effect = "Allow", Action = ["ec2:AttachVolume", "ec2:DetachVolume"], Resource = concat(local.ec2_arns["instance"], local.ec2_arns["volume"]), Condition = merge(local.via_service, local.is_managed) },
    { Sid = "OpenSecurityGroups", Effect = "Allow", Action = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"], Resource = local.ec2_arns["security-group"], Condition = merge(local.via_service, local.is_managed) },
    { Sid = "ChangeInstances", Effect = "Allow", Action = ["ec2:ModifyInstanceAttribute", "ec2:StartInstances", "ec2:StopInstances"], Resource = local.ec2_arns["instance"], Condition = merge(local.via_service, local.is_managed) },
    { Sid = "DeleteSnapshots", Effect = "Allow", Action = ["ec2:DeleteSnapshot"], Resource = local.ec2_arns["snapshot"], Condition = merge(local.via_service, local.is_managed) },
    local.end_instances_statement, local.end_volumes_statement,
  ]

  # Terminating goes through DRS as well, which terminates what it has tagged. A new launch cleans up the one before it so.
  terminate_statements = [
    { Sid = "TerminateRecoveryInstances", Effect = "Allow", Action = ["drs:TerminateRecoveryInstances"], Resource = local.drs_arns["recovery-instance"] },
    { Sid = "LookAtInstances", Effect = "Allow", Action = ["ec2:DescribeInstances", "ec2:DescribeVolumes"], Resource = ["*"] },
    local.end_instances_statement, local.end_volumes_statement,
  ]

  end_instances_statement = { Sid = "EndInstances", Effect = "Allow", Action = ["ec2:TerminateInstances"], Resource = local.ec2_arns["instance"], Condition = merge(local.via_service, local.is_managed) }
  end_volumes_statement   = { Sid = "EndVolumes", Effect = "Allow", Action = ["ec2:DeleteVolume"], Resource = local.ec2_arns["volume"], Condition = merge(local.via_service, local.is_managed) }
}
