resource "aws_lambda_event_source_mapping" "speed" {
  function_name    = module.speed.arn
  event_source_arn = aws_kinesis_stream.this.arn

  # LATEST may miss records that arrive while the mapping starts; what arrived before the genesis, `speed` ignores.
  starting_position = "TRIM_HORIZON"

  # One reader for each shard: a head that two would move is a race that both pay for.
  parallelization_factor = 1

  batch_size                         = var.mapping.batch_size
  maximum_batching_window_in_seconds = local.schedule.batching_window_seconds
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = var.mapping.maximum_retry_attempts
  maximum_record_age_in_seconds      = var.mapping.maximum_record_age_seconds

  destination_config {
    on_failure {
      # To S3 the mapping writes the records themselves, to a queue only where they were.
      destination_arn = var.lake.bucket_arn
    }
  }

  depends_on = [module.speed, aws_lambda_invocation.open]
}
