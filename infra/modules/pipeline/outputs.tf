output "stream" {
  description = "Name of the Kinesis stream."
  value       = aws_kinesis_stream.this.name
}

output "delivery_stream" {
  description = "Name of the Firehose delivery stream."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "database" {
  description = "Name of the Glue database."
  value       = aws_glue_catalog_database.this.name
}

output "bundle" {
  description = "Key of the bundle in the bucket."
  value       = aws_s3_object.bundle[local.bundle_key].key
}

output "functions" {
  description = "Names of the functions."
  value = {
    preprocess = module.preprocess.name
    partitions = module.partitions.name
    speed      = module.speed.name
    batch      = module.batch.name
  }
}

output "views" {
  description = "Names of the views."
  value       = sort(keys(local.sql.views))
}

output "policies" {
  description = "Policy of each IAM role of the pipeline, as JSON, by function or service."
  value = {
    preprocess = module.preprocess.policy
    partitions = module.partitions.policy
    speed      = module.speed.policy
    batch      = module.batch.policy
    firehose   = aws_iam_role_policy.firehose.policy
    schedules  = aws_iam_role_policy.schedules.policy
  }
}
