# One pipeline: each setting of its folder reaches the right resource, and each role allows the actions of its function
# and no others.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/one" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:one" }
  }

  mock_resource "aws_kinesis_stream" {
    defaults = { arn = "arn:aws:kinesis:eu-central-1:123456789012:stream/twinlake-readings" }
  }

  mock_resource "aws_kinesis_firehose_delivery_stream" {
    defaults = { arn = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/twinlake-readings" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:one" }
  }
}

variables {
  name              = "twinlake"
  pipeline          = "readings"
  folder            = "tests/pipelines/readings"
  references        = { devices = { sha256 = "abc", key = "reference/devices/abc/devices.csv" } }
  account           = { partition = "aws", id = "123456789012", region = "eu-central-1" }
  functions_dir     = "tests/functions"
  architecture      = "arm64"
  stream            = { mode = "ON_DEMAND", shard_count = 4, retention_hours = 48 }
  transform         = { seconds = 30, retries = 100 }
  mapping           = { batch_size = 10000, maximum_retry_attempts = 1000, maximum_record_age_seconds = -1 }
  overrides         = {}
  schedules_enabled = true
  logs              = { retention_days = 30 }
  alarms            = { speed_minutes = 10, firehose_minutes = 30, actions = [] }

  functions = {
    preprocess = { memory_mb = 1024, timeout_seconds = 60, reserved_concurrency = -1 }
    partitions = { memory_mb = 256, timeout_seconds = 60, reserved_concurrency = -1 }
    speed      = { memory_mb = 1769, timeout_seconds = 60, reserved_concurrency = -1 }
    batch      = { memory_mb = 512, timeout_seconds = 60, reserved_concurrency = -1 }
  }

  lake = {
    bucket         = "lake"
    bucket_arn     = "arn:aws:s3:::lake"
    key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/0"
    workgroup      = "twinlake"
    workgroup_arn  = "arn:aws:athena:eu-central-1:123456789012:workgroup/twinlake"
    results_prefix = "athena/"
  }
}

run "own_settings" {
  command = apply

  module {
    source = "./modules/pipeline"
  }

  # ---- catalog

  assert {
    condition = [for column in aws_glue_catalog_table.raw.storage_descriptor[0].columns : "${column.name} ${column.type}"] == [
      "label string", "small int", "large bigint", "value double", "valid boolean", "taken timestamp", "since date",
      "_shard string", "_sequence_number string", "_subsequence_number bigint", "_line bigint", "_arrival_ms bigint", "_definition string",
      "_reject string", "_drop string", "_repair bigint", "_bytes string",
    ]
    error_message = "raw has the declared columns, then identity, definition and rejection of the record."
  }

  assert {
    condition     = [for key in aws_glue_catalog_table.raw.partition_keys : "${key.name} ${key.type}"] == ["year string", "month string", "day string", "hour string"]
    error_message = "raw is partitioned by hour, as text, in the form of Firehose's prefixes."
  }

  assert {
    condition     = aws_glue_catalog_table.raw.storage_descriptor[0].location == "s3://lake/raw/readings/"
    error_message = "raw lies in the prefix to which Firehose delivers."
  }

  assert {
    condition = aws_glue_catalog_database.this.parameters == tomap({
      "twinlake.bucket"          = "lake"
      "twinlake.pipeline"        = "readings"
      "twinlake.stream"          = aws_kinesis_stream.this.name
      "twinlake.delivery_stream" = aws_kinesis_firehose_delivery_stream.this.name
      "twinlake.workgroup"       = "twinlake"
      "twinlake.bundle"          = output.bundle
      "twinlake.settle_seconds"  = "600"
    })
    error_message = "The parameters of the database name every other resource."
  }

  assert {
    condition     = { for name, query in aws_athena_named_query.this : name => query.query } == { busiest = file("tests/pipelines/readings/queries/busiest.sql") }
    error_message = "Each file in queries/ is a named query."
  }

  # ---- bundle

  assert {
    condition     = [for key, object in aws_s3_object.bundle : key == "bundles/${sha256(object.content)}.json" && key == output.bundle] == [true]
    error_message = "The key of the bundle holds the hash of its content."
  }

  assert {
    condition = jsondecode(aws_s3_object.bundle[output.bundle].content) == {
      format    = 1
      pipeline  = file("tests/pipelines/readings/pipeline.yaml")
      views     = { per_label = file("tests/pipelines/readings/views/per_label.sql") }
      queries   = { busiest = file("tests/pipelines/readings/queries/busiest.sql") }
      reference = { devices = "abc" }
    }
    error_message = "The bundle holds the definition, views and queries of the folder, and the hashes of its reference tables."
  }

  # ---- stream and delivery

  assert {
    condition     = aws_kinesis_stream.this.shard_count == null && aws_kinesis_stream.this.encryption_type == "KMS"
    error_message = "A stream on demand has no shard count, and every stream is encrypted."
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].prefix == "raw/readings/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"
    error_message = "Firehose delivers to hourly folders."
  }

  assert {
    condition     = startswith(aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].error_output_prefix, "failed/readings/!{firehose:error-output-type}/")
    error_message = "Records that cannot be delivered go to failed/, by kind of error."
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].buffering_interval == 120 && aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].buffering_size == 96
    error_message = "Firehose buffers according to the schedule of the pipeline."
  }

  assert {
    condition = {
      for parameter in aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].processing_configuration[0].processors[0].parameters : parameter.parameter_name => parameter.parameter_value
      } == {
      LambdaArn               = "${module.preprocess.arn}:$LATEST"
      BufferSizeInMBs         = "0.2"
      BufferIntervalInSeconds = "30"
      NumberOfRetries         = "100"
    }
    error_message = "Firehose invokes preprocess with the smallest batches and retries for long."
  }

  # ---- mapping and schedules

  assert {
    condition = alltrue([
      aws_lambda_event_source_mapping.speed.starting_position == "TRIM_HORIZON",
      aws_lambda_event_source_mapping.speed.parallelization_factor == 1,
      aws_lambda_event_source_mapping.speed.bisect_batch_on_function_error,
      aws_lambda_event_source_mapping.speed.maximum_retry_attempts == 1000,
      aws_lambda_event_source_mapping.speed.maximum_batching_window_in_seconds == 20,
      aws_lambda_event_source_mapping.speed.destination_config[0].on_failure[0].destination_arn == "arn:aws:s3:::lake",
    ])
    error_message = "The mapping reads each shard once and in order, and discarded batches go to the bucket."
  }

  assert {
    condition = { for name, schedule in aws_scheduler_schedule.this : name => "${schedule.schedule_expression} ${schedule.target[0].input} ${schedule.state}" } == {
      batch      = "rate(20 minutes) {\"action\":\"tick\",\"mapping\":\"${aws_lambda_event_source_mapping.speed.uuid}\"} ENABLED"
      partitions = "cron(7 * * * ? *) {} ENABLED"
    }
    error_message = "batch and partitions are invoked according to the schedule of the pipeline."
  }

  assert {
    condition     = aws_lambda_invocation.migrate.input == "{\"action\":\"migrate\"}" && aws_lambda_invocation.migrate.triggers["bundle"] == output.bundle && aws_lambda_invocation.activate.input == "{\"action\":\"activate\"}"
    error_message = "batch migrates to each new bundle and activates the pipeline."
  }

  # ---- alarms

  assert {
    condition = alltrue([
      aws_cloudwatch_metric_alarm.iterator_age.threshold == 600000,
      aws_cloudwatch_metric_alarm.freshness.threshold == 1800,
      aws_cloudwatch_metric_alarm.held_shards.namespace == "Twinlake",
      aws_cloudwatch_metric_alarm.held_shards.metric_name == "HeldShards",
      aws_cloudwatch_metric_alarm.held_shards.dimensions == tomap({ Deployment = "twinlake", Pipeline = "readings" }),
      aws_cloudwatch_metric_alarm.stray_records.namespace == "Twinlake",
      aws_cloudwatch_metric_alarm.stray_records.metric_name == "StrayRecords",
      aws_cloudwatch_metric_alarm.stray_records.dimensions == tomap({ Deployment = "twinlake", Pipeline = "readings" }),
    ])
    error_message = "Alarms watch the delay of both layers, in the units of the metrics, and the held shards and stray records of this deployment alone."
  }

  # ---- functions

  assert {
    condition = alltrue([
      for function in [module.preprocess, module.partitions, module.speed, module.batch] : alltrue([
        function.environment["TWINLAKE_DEPLOYMENT"] == "twinlake",
        function.environment["TWINLAKE_PIPELINE"] == "readings",
        function.environment["TWINLAKE_BUCKET"] == "lake",
        function.environment["TWINLAKE_BUNDLE"] == output.bundle,
      ])
    ])
    error_message = "Each function knows its deployment and pipeline, which are the dimensions of its metrics, its bucket and its bundle."
  }
}

run "roles" {
  command = apply

  module {
    source = "./modules/pipeline"
  }

  assert {
    condition = alltrue(flatten([
      for statement in flatten([for policy in values(output.policies) : jsondecode(policy).Statement]) : [
        for action in statement.Action : !strcontains(action, "*")
      ]
    ]))
    error_message = "No role has a wildcard for an action."
  }

  assert {
    condition = alltrue(flatten([
      for statement in flatten([for policy in values(output.policies) : jsondecode(policy).Statement]) : [
        for resource in statement.Resource : !contains(["*", "arn:aws:s3:::*", "arn:aws:s3:::lake/*"], resource)
      ]
    ]))
    error_message = "No role has all resources of a service, or the whole bucket."
  }

  assert {
    condition     = !anytrue([for policy in values(output.policies) : strcontains(policy, "CreateLogGroup")])
    error_message = "No role can create a log group."
  }

  assert {
    condition = {
      for role, policy in output.policies : role => join(" ", sort(distinct(flatten([
        for statement in jsondecode(policy).Statement : [for arn in statement.Resource : trimprefix(arn, "arn:aws:s3:::lake/")]
        if anytrue([for action in statement.Action : contains(["s3:PutObject", "s3:DeleteObject"], action)])
      ]))))
      } == {
      preprocess = ""
      partitions = ""
      schedules  = ""
      speed      = "aws/lambda/* raw/readings/* speed/readings/* state/readings/checkpoints/*"
      batch      = "athena/* batch/readings/* speed/readings/* state/readings/*"
      firehose   = "failed/readings/* raw/readings/*"
    }
    error_message = "Each role writes to and deletes from its own prefixes alone."
  }

  # `speed` looks for an object that it could not create, so it reads where it writes. Otherwise S3 answers 403, and the
  # shard would be stuck.
  assert {
    condition = {
      for role, policy in output.policies : role => join(" ", sort(distinct(flatten([
        for statement in jsondecode(policy).Statement : [for arn in statement.Resource : trimprefix(arn, "arn:aws:s3:::lake/")]
        if contains(statement.Action, "s3:GetObject")
      ]))))
      } == {
      preprocess = "bundles/* state/readings/definitions.json state/readings/genesis.json"
      partitions = ""
      schedules  = ""
      speed      = "bundles/* raw/readings/* reference/* speed/readings/* state/readings/checkpoints/* state/readings/definitions.json state/readings/genesis.json state/readings/speed_logs.json"
      batch      = "athena/* aws/lambda/* batch/readings/* bundles/* raw/readings/* reference/* state/readings/*"
      firehose   = "failed/readings/* raw/readings/*"
    }
    error_message = "Each role reads what it needs, and nothing else."
  }

  assert {
    condition = length(setsubtract(
      ["athena:StopQueryExecution", "glue:BatchDeletePartition", "glue:GetPartitions", "s3:DeleteObject"],
      flatten([for statement in jsondecode(output.policies["batch"]).Statement : statement.Action]),
    )) == 0
    error_message = "batch can do what it does rarely: stop a query, and delete what nothing names any more."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.policies["speed"]).Statement : statement.Resource if contains(statement.Action, "kinesis:ListShards")
    ])) == toset(["arn:aws:kinesis:eu-central-1:123456789012:stream/twinlake-readings"])
    error_message = "speed can look up the hash keys of the shards of its own stream."
  }

  assert {
    condition = distinct(flatten([
      for role, policy in output.policies : [
        for statement in jsondecode(policy).Statement : role if contains(statement.Action, "s3:DeleteObject")
      ]
    ])) == tolist(["batch"])
    error_message = "No role but that of batch can delete objects."
  }

  assert {
    condition = [for role in [aws_iam_role.firehose, aws_iam_role.schedules] : jsondecode(role.assume_role_policy).Statement] == [
      [{
        Effect    = "Allow"
        Principal = { Service = "firehose.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "sts:ExternalId" = "123456789012" } }
      }],
      [{
        Effect    = "Allow"
        Principal = { Service = "scheduler.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
      }],
    ]
    error_message = "Firehose and Scheduler assume their roles on behalf of this account alone."
  }
}

run "overrides" {
  command = apply

  module {
    source = "./modules/pipeline"
  }

  variables {
    stream            = { mode = "PROVISIONED", shard_count = 4, retention_hours = 24 }
    overrides         = { buffer_seconds = 0, settle_seconds = 5, batching_window_seconds = 0 }
    schedules_enabled = false
  }

  assert {
    condition     = aws_kinesis_stream.this.shard_count == 4
    error_message = "A provisioned stream has the given shard count."
  }

  assert {
    condition = alltrue([
      aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].buffering_interval == 0,
      aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].buffering_size == 96,
      aws_lambda_event_source_mapping.speed.maximum_batching_window_in_seconds == 0,
    ])
    error_message = "An override replaces the setting of the pipeline, even if it is 0; null does not."
  }

  assert {
    condition     = aws_glue_catalog_database.this.parameters["twinlake.settle_seconds"] == "5"
    error_message = "The parameters of the database hold the setting in force, not the one of the pipeline."
  }

  assert {
    condition     = distinct([for schedule in aws_scheduler_schedule.this : schedule.state]) == tolist(["DISABLED"])
    error_message = "Schedules can be switched off."
  }
}

run "defaults" {
  command = apply

  module {
    source = "./modules/pipeline"
  }

  variables {
    pipeline = "orders"
    folder   = "tests/pipelines/orders"
  }

  assert {
    condition = {
      batch                   = aws_scheduler_schedule.this["batch"].schedule_expression
      partitions              = aws_scheduler_schedule.this["partitions"].schedule_expression
      settle_seconds          = tonumber(aws_glue_catalog_database.this.parameters["twinlake.settle_seconds"])
      batching_window_seconds = aws_lambda_event_source_mapping.speed.maximum_batching_window_in_seconds
      buffer_seconds          = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].buffering_interval
      buffer_mb               = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].buffering_size
    } == jsondecode(file("modules/pipeline/schedule_defaults.json"))
    error_message = "A pipeline without a schedule gets the defaults of schedule_defaults.json, each of them."
  }

  assert {
    condition     = length(aws_athena_named_query.this) == 0
    error_message = "A pipeline without the folder queries/ has no named queries."
  }
}

run "folder_and_name_differ" {
  command = plan

  module {
    source = "./modules/pipeline"
  }

  variables {
    pipeline = "named_otherwise"
    folder   = "tests/mismatched/named_otherwise"
  }

  expect_failures = [aws_glue_catalog_table.raw]
}

run "later_version_of_the_format" {
  command = plan

  module {
    source = "./modules/pipeline"
  }

  variables {
    pipeline = "later_version"
    folder   = "tests/mismatched/later_version"
  }

  expect_failures = [aws_glue_catalog_table.raw]
}

run "folder_without_a_pipeline" {
  command = plan

  module {
    source = "./modules/pipeline"
  }

  variables {
    folder = "tests/functions"
  }

  expect_failures = [var.folder]
}

run "one_function_missing" {
  command = plan

  module {
    source = "./modules/pipeline"
  }

  variables {
    functions = { speed = { memory_mb = 1769, timeout_seconds = 60, reserved_concurrency = -1 } }
  }

  expect_failures = [var.functions]
}

run "name_too_long" {
  command = plan

  module {
    source = "./modules/pipeline"
  }

  variables {
    pipeline = "a_name_that_has_more_than_30_ch"
  }

  expect_failures = [var.pipeline]
}

run "no_zip_files" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    name                 = "one"
    description          = "One function"
    zip                  = "tests/functions/missing.zip"
    memory_mb            = 128
    timeout_seconds      = 1
    reserved_concurrency = -1
    environment          = {}
    statements           = []
    log_retention_days   = 1
    alarm_actions        = []
  }

  expect_failures = [var.zip]
}
