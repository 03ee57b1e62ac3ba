resource "aws_lambda_event_source_mapping" "speed" {
  function_name    = module.speed.arn
  event_source_arn = aws_kinesis_stream.this.arn

  # LATEST may miss records that arrive while the mapping starts. Records older than the genesis are ignored by `speed`.
  starting_position = "TRIM_HORIZON"

  # One invocation at a time for each shard: two that move the same checkpoint would race, and one would repeat its work.
  parallelization_factor = 1

  batch_size                         = var.mapping.batch_size
  maximum_batching_window_in_seconds = local.schedule.batching_window_seconds
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = var.mapping.maximum_retry_attempts
  maximum_record_age_in_seconds      = var.mapping.maximum_record_age_seconds

  destination_config {
    on_failure {
      # S3 receives the records themselves; a queue would receive their shard and sequence numbers only.
      destination_arn = var.lake.bucket_arn
    }
  }

  depends_on = [module.speed, aws_lambda_invocation.activate]
}
