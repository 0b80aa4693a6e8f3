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
    key          = "envs/dev/disaster-recovery/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { Environment = "dev", System = "disaster-recovery" }
  }
}

# CloudFront takes its web ACL, its logs and its certificate from this Region, wherever the stack is.
provider "aws" {
  alias               = "us_east_1"
  region              = "us-east-1"
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { Environment = "dev", System = "disaster-recovery" }
  }
}
