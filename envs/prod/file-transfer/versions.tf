terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The bucket is given once per machine or in CI: terraform init -backend-config="bucket=<state bucket>".
  backend "s3" {
    key          = "envs/prod/file-transfer/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { Environment = "prod", System = "file-transfer" }
  }
}
