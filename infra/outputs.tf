output "bucket" {
  description = "Name of the bucket that holds the lake."
  value       = module.lake.bucket
}

output "workgroup" {
  description = "Name of the Athena workgroup."
  value       = module.lake.workgroup
}

output "key_arn" {
  description = "ARN of the KMS key; who produces or queries needs to use it."
  value       = module.lake.key_arn
}

output "pipelines" {
  description = "Each pipeline's stream, delivery stream, database, bundle, functions, and a query to begin with."
  value = {
    for name, pipeline in module.pipeline : name => {
      stream          = pipeline.stream
      delivery_stream = pipeline.delivery_stream
      database        = pipeline.database
      bundle          = pipeline.bundle
      functions       = pipeline.functions
      query           = "twinlake query --name ${var.name} --pipeline ${name} 'SELECT * FROM ${try(pipeline.views[0], "events")} LIMIT 10'"
    }
  }
}
