output "bucket" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.bucket

  # Who writes to the bucket must not do so before its objects are versioned and encrypted, nor after it lost that.
  depends_on = [
    aws_s3_bucket_versioning.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_public_access_block.this,
  ]
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "key_arn" {
  description = "ARN of the key that encrypts the stream, the bucket and query results."
  value       = aws_kms_key.this.arn
}

output "workgroup" {
  description = "Name of the Athena workgroup."
  value       = aws_athena_workgroup.this.name
}

output "workgroup_arn" {
  description = "ARN of the Athena workgroup."
  value       = aws_athena_workgroup.this.arn
}

output "results_prefix" {
  description = "Prefix in the bucket below which Athena writes results."
  value       = local.results_prefix
}
