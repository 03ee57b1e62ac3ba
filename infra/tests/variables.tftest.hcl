# Each variable refuses a value that AWS or Twinlake would refuse later, or half way through an apply.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
}

variables {
  pipelines_dir = "tests/pipelines"
  functions_dir = "tests/functions"
}

run "name_with_capitals" {
  command = plan

  variables {
    name = "Twinlake"
  }

  expect_failures = [var.name]
}

run "name_too_long" {
  command = plan

  variables {
    name = "a-name-that-has-21-ch"
  }

  expect_failures = [var.name]
}

run "region_that_is_none" {
  command = plan

  variables {
    region = "Frankfurt"
  }

  expect_failures = [var.region]
}

run "folder_without_pipelines" {
  command = plan

  variables {
    pipelines_dir = "tests/functions"
  }

  expect_failures = [var.pipelines_dir]
}

run "unknown_pipeline" {
  command = plan

  variables {
    pipelines = ["orders", "invoices"]
  }

  expect_failures = [var.pipelines]
}

run "unknown_architecture" {
  command = plan

  variables {
    architecture = "riscv"
  }

  expect_failures = [var.architecture]
}

run "too_little_memory" {
  command = plan

  variables {
    functions = { speed = { memory_mb = 64 } }
  }

  expect_failures = [var.functions]
}

run "timeout_beyond_lambda" {
  command = plan

  variables {
    functions = { batch = { timeout_seconds = 901 } }
  }

  expect_failures = [var.functions]
}

run "timeout_beyond_firehose" {
  command = plan

  variables {
    functions = { preprocess = { timeout_seconds = 301 } }
  }

  expect_failures = [var.functions]
}

run "negative_concurrency" {
  command = plan

  variables {
    functions = { speed = { reserved_concurrency = -2 } }
  }

  expect_failures = [var.functions]
}

run "unknown_stream_mode" {
  command = plan

  variables {
    stream_mode = "AUTO"
  }

  expect_failures = [var.stream_mode]
}

run "no_shard" {
  command = plan

  variables {
    shard_count = 0
  }

  expect_failures = [var.shard_count]
}

run "more_shards_than_a_view_can_name" {
  command = plan

  variables {
    shard_count = 1001
  }

  expect_failures = [var.shard_count]
}

run "too_short_retention" {
  command = plan

  variables {
    retention_hours = 23
  }

  expect_failures = [var.retention_hours]
}

run "too_long_buffer" {
  command = plan

  variables {
    buffer_seconds = 901
  }

  expect_failures = [var.buffer_seconds]
}

run "buffer_too_small_for_parquet" {
  command = plan

  variables {
    buffer_mb = 63
  }

  expect_failures = [var.buffer_mb]
}

run "transformation_at_the_default_interval" {
  command = plan

  variables {
    transform_seconds = 60
  }

  expect_failures = [var.transform_seconds]
}

run "transformation_at_the_default_retries" {
  command = plan

  variables {
    transform_retries = 3
  }

  expect_failures = [var.transform_retries]
}

run "negative_settling" {
  command = plan

  variables {
    settle_seconds = -1
  }

  expect_failures = [var.settle_seconds]
}

run "too_long_window" {
  command = plan

  variables {
    batching_window_seconds = 301
  }

  expect_failures = [var.batching_window_seconds]
}

run "too_large_batch" {
  command = plan

  variables {
    batch_size = 10001
  }

  expect_failures = [var.batch_size]
}

run "endless_retries" {
  command = plan

  variables {
    maximum_retry_attempts = -1
  }

  expect_failures = [var.maximum_retry_attempts]
}

run "too_young_to_give_up" {
  command = plan

  variables {
    maximum_record_age_seconds = 59
  }

  expect_failures = [var.maximum_record_age_seconds]
}

run "giving_up_after_the_record_is_gone" {
  command = plan

  variables {
    retention_hours            = 24
    maximum_record_age_seconds = 86400
  }

  expect_failures = [var.maximum_record_age_seconds]
}

run "key_deleted_too_soon" {
  command = plan

  variables {
    key_deletion_days = 6
  }

  expect_failures = [var.key_deletion_days]
}

run "results_that_expire_at_once" {
  command = plan

  variables {
    results_days = 0
  }

  expect_failures = [var.results_days]
}

run "failures_that_expire_at_once" {
  command = plan

  variables {
    failed_days = 0
  }

  expect_failures = [var.failed_days]
}

run "cutoff_below_what_is_billed" {
  command = plan

  variables {
    bytes_scanned_cutoff = 1024
  }

  expect_failures = [var.bytes_scanned_cutoff]
}

run "unknown_log_retention" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "topic_that_is_no_topic" {
  command = plan

  variables {
    alarm_topic_arn = "arn:aws:sqs:eu-central-1:123456789012:queue"
  }

  expect_failures = [var.alarm_topic_arn]
}

run "alarm_at_once" {
  command = plan

  variables {
    alarm_after_minutes = { speed = 0 }
  }

  expect_failures = [var.alarm_after_minutes]
}
