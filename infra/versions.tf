terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The path is given by `scripts/deploy`, one for each target, so that a local deployment and a real one cannot
  # take each other's state. docs/deploy.md tells how to keep the state in S3.
  backend "local" {}
}
