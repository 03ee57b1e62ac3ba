# Two steps of `apply` run in the function `batch`, since HCL cannot compile SQL, and a view owned by Terraform would
# restore an old watermark. Both steps can be repeated.

# Writes the list of definitions and creates the reference tables, derived tables and views. It refuses a change that a
# running pipeline cannot take; the resources that depend on it then stay as they are.
resource "aws_lambda_invocation" "migrate" {
  function_name = module.batch.name
  input         = jsonencode({ action = "migrate" })

  triggers = {
    bundle    = aws_s3_object.bundle[local.bundle_key].key
    reference = jsonencode({ for name, reference in var.references : name => reference.key })
    code      = module.batch.code_hash
    database  = aws_glue_catalog_database.this.arn
  }

  depends_on = [aws_glue_catalog_table.raw]
}

# Waits for the delivery stream and records the time at which it began to read: the genesis of the pipeline.
resource "aws_lambda_invocation" "activate" {
  function_name = module.batch.name
  input         = jsonencode({ action = "activate" })

  triggers = {
    delivery_stream = aws_kinesis_firehose_delivery_stream.this.arn
  }

  depends_on = [aws_lambda_invocation.migrate]
}
