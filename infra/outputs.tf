output "bucket" {
  description = "Name of the S3 bucket of the lake."
  value       = module.lake.bucket
}

output "workgroup" {
  description = "Name of the Athena workgroup."
  value       = module.lake.workgroup
}

output "key_arn" {
  description = "ARN of the KMS key. Producers and readers need permission to use it."
  value       = module.lake.key_arn
}

output "pipelines" {
  description = "Stream, delivery stream, database, bundle and functions of each pipeline, and a first query."
  value = {
    for name, pipeline in module.pipeline : name => {
      stream          = pipeline.stream
      delivery_stream = pipeline.delivery_stream
      database        = pipeline.database
      bundle          = pipeline.bundle
      functions       = pipeline.functions
      query           = "twinlake query --deployment ${var.name} --pipeline ${name} 'SELECT * FROM ${try(pipeline.views[0], "events")} LIMIT 10'"
    }
  }
}
