# The bucket, key and workgroup that all pipelines share: data is private, encrypted, and kept as long as a view may read
# it.

mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/0" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::twinlake-123456789012-eu-central-1" }
  }
}

variables {
  name              = "twinlake"
  account           = { partition = "aws", id = "123456789012", region = "eu-central-1" }
  require_tls       = true
  force_destroy     = false
  encrypt_logs      = false
  key_deletion_days = 30
  results_days      = 7
  failed_days       = 90
}

run "on_aws" {
  command = apply

  module {
    source = "./modules/lake"
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key rotates."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.this.force_destroy
    error_message = "The bucket keeps versions, and it is not deleted with the objects in it."
  }

  assert {
    condition = alltrue([for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.bucket_key_enabled &&
      rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" &&
      rule.apply_server_side_encryption_by_default[0].kms_master_key_id == aws_kms_key.this.arn
    ])
    error_message = "Objects are encrypted with the key, through a bucket key."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "The bucket is not public."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this[0].policy).Statement == [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "The bucket refuses plain http."
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : alltrue([
        for expiration in rule.expiration : try(coalesce(expiration.days, 0), 0) == 0
      ]) if !contains(["athena/", "failed/"], try(rule.filter[0].prefix, ""))
    ])
    error_message = "No current object expires by age except query results and records that Firehose could not deliver."
  }

  assert {
    condition = toset([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.filter[0].prefix
      if try(rule.noncurrent_version_expiration[0].noncurrent_days, 0) == 1
    ]) == toset(["batch/", "speed/", "state/", "athena/", "failed/"])
    error_message = "Noncurrent versions expire after a day in the prefixes where functions delete, and nowhere else."
  }

  assert {
    condition     = aws_athena_workgroup.this.configuration[0].enforce_workgroup_configuration && aws_athena_workgroup.this.configuration[0].result_configuration[0].output_location == "s3://twinlake-123456789012-eu-central-1/athena/"
    error_message = "Results go to the bucket, whatever location a client names."
  }
}

run "without_tls" {
  command = apply

  module {
    source = "./modules/lake"
  }

  variables {
    require_tls = false
  }

  assert {
    condition     = length(aws_s3_bucket_policy.this) == 0
    error_message = "Without `require_tls` the bucket has no policy."
  }
}

run "encrypted_logs" {
  command = apply

  module {
    source = "./modules/lake"
  }

  variables {
    encrypt_logs = true
  }

  assert {
    condition     = length(jsondecode(aws_kms_key.this.policy).Statement) == 2
    error_message = "CloudWatch Logs needs a statement of its own in the key's policy."
  }
}
