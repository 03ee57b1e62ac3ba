# What only code can do while Terraform applies: HCL cannot compile SQL, and a view owned by Terraform would put an old
# watermark back. Both steps can be repeated.

# Writes the list of definitions, makes the reference tables, derived tables and views. It refuses what a running
# pipeline cannot take, and then nothing after it changes.
resource "aws_lambda_invocation" "prepare" {
  function_name = module.batch.name
  input         = jsonencode({ action = "prepare" })

  triggers = {
    bundle    = aws_s3_object.bundle[local.bundle_key].key
    reference = jsonencode({ for name, reference in var.references : name => reference.key })
    code      = module.batch.code_hash
    database  = aws_glue_catalog_database.this.arn
  }

  depends_on = [aws_glue_catalog_table.raw]
}

# Waits for the delivery stream and records when it began to read: the pipeline's genesis.
resource "aws_lambda_invocation" "open" {
  function_name = module.batch.name
  input         = jsonencode({ action = "open" })

  triggers = {
    delivery_stream = aws_kinesis_firehose_delivery_stream.this.arn
  }

  depends_on = [aws_lambda_invocation.prepare]
}
