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
    key          = "envs/dev/quicksight-migration/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { Environment = "dev", System = "quicksight-migration" }
  }
}

# CloudFront takes its web ACL, its logs and its certificate from this Region, wherever the stack is.
provider "aws" {
  alias               = "us_east_1"
  region              = "us-east-1"
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { Environment = "dev", System = "quicksight-migration" }
  }
}

provider "aws" {
  alias               = "source"
  region              = var.source_account.region
  allowed_account_ids = [var.source_account.account_id]

  dynamic "assume_role" {
    for_each = var.source_account.deployer_role_arn[*]

    content {
      role_arn = assume_role.value
    }
  }

  default_tags {
    tags = { Environment = "dev", System = "quicksight-migration" }
  }
}

provider "aws" {
  alias               = "target"
  region              = var.target_account.region
  allowed_account_ids = [var.target_account.account_id]

  dynamic "assume_role" {
    for_each = var.target_account.deployer_role_arn[*]

    content {
      role_arn = assume_role.value
    }
  }

  default_tags {
    tags = { Environment = "dev", System = "quicksight-migration" }
  }
}
