# What each function may do. Neither may delete anything, nor shorten a lock: the bucket's own rule locks what is put.
locals {
  kms_statements = var.kms_key_arn == null ? [] : [
    { Sid = "UseKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key_arn] },
  ]

  export_audit_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "AppendRecords", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["${module.bucket.arn}/audit/*"] },
    ], local.kms_statements)
  })

  seal_audit_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "ListHours", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [module.bucket.arn] },
      { Sid = "ReadRecords", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${module.bucket.arn}/audit/*", "${module.bucket.arn}/manifests/*"] },
      { Sid = "WriteManifests", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["${module.bucket.arn}/manifests/*"] },
    ], local.kms_statements)
  })
}
