terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # scripts/deploy sets one path for each target, so that a local deployment and a real one cannot use each other's state.
  # docs/deploy.md describes a state in S3.
  backend "local" {}
}
