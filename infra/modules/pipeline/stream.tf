resource "aws_kinesis_stream" "this" {
  name             = local.full_name
  shard_count      = var.stream.mode == "PROVISIONED" ? var.stream.shard_count : null
  retention_period = var.stream.retention_hours
  encryption_type  = "KMS"
  kms_key_id       = var.lake.key_arn

  stream_mode_details {
    stream_mode = var.stream.mode
  }
}
