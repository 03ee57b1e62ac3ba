output "bucket" {
  description = "Name of the S3 bucket."
  value       = aws_s3_bucket.this.bucket

  # Objects may be written only while versioning and encryption are in force: the resources that use this output are
  # created after both and destroyed before them.
  depends_on = [
    aws_s3_bucket_versioning.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_public_access_block.this,
  ]
}

output "bucket_arn" {
  description = "ARN of the S3 bucket."
  value       = aws_s3_bucket.this.arn
}

output "key_arn" {
  description = "ARN of the KMS key that encrypts the streams, the bucket and query results."
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
  description = "Prefix of the query results in the bucket."
  value       = local.results_prefix
}
