terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # `make up` keeps the state beside the running local cloud (build/local/terraform).
  backend "local" {}
}

# Endpoint and credentials come from the environment (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID…): the stack itself is ordinary.
provider "aws" {
  region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  default_tags {
    tags = local.tags
  }
}

# The other two accounts: twelve digits as access key are the administrator of that account.
provider "aws" {
  alias                       = "source"
  region                      = "us-east-1"
  access_key                  = local.source_account.account_id
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias                       = "target"
  region                      = "us-east-1"
  access_key                  = local.target_account.account_id
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  default_tags {
    tags = local.tags
  }
}
