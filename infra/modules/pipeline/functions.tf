locals {
  arn_tail = "${var.account.region}:${var.account.id}"
  objects  = var.lake.bucket_arn
  state    = "${local.objects}/state/${var.pipeline}"

  # ARNs composed from names, so that no function waits for the resources: the delivery stream is created after `batch`,
  # which waits for it in `activate`, and no step up to `migrate` needs the stream, whose creation takes a while.
  stream_arn          = "arn:${var.account.partition}:kinesis:${local.arn_tail}:stream/${local.full_name}"
  delivery_stream_arn = "arn:${var.account.partition}:firehose:${local.arn_tail}:deliverystream/${local.full_name}"

  glue_arn = "arn:${var.account.partition}:glue:${local.arn_tail}"
  raw_table_arns = [
    "${local.glue_arn}:catalog",
    "${local.glue_arn}:database/${local.database}",
    "${local.glue_arn}:table/${local.database}/raw",
  ]
  all_table_arns = [
    "${local.glue_arn}:catalog",
    "${local.glue_arn}:database/${local.database}",
    "${local.glue_arn}:table/${local.database}/*",
  ]

  environment = {
    TWINLAKE_DEPLOYMENT = var.name
    TWINLAKE_PIPELINE   = var.pipeline
    TWINLAKE_BUCKET     = var.lake.bucket
    TWINLAKE_BUNDLE     = aws_s3_object.bundle[local.bundle_key].key
  }

  # `batch` audits up to cuts of this age, and `speed` keeps cuts until they have reached it.
  settling = { TWINLAKE_SETTLE_SECONDS = tostring(local.schedule.settle_seconds) }

  # A function that reads an object which may be missing needs this on the whole bucket: without it S3 answers 403, not
  # 404.
  list_bucket = {
    sid       = "ListBucket"
    actions   = ["s3:ListBucket"]
    resources = [var.lake.bucket_arn]
  }

  decrypt = {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [var.lake.key_arn]
  }

  encrypt = {
    sid       = "EncryptAndDecrypt"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.lake.key_arn]
  }
}

# `migrate` runs on the new `batch` before the other functions change: a bundle that it refuses never reaches them.
module "batch" {
  source = "../function"

  name                 = "${local.full_name}-batch"
  description          = "Audits raw rows of ${var.pipeline}, runs its batch views and moves the watermark"
  zip                  = "${var.functions_dir}/batch.zip"
  architecture         = var.architecture
  memory_mb            = var.functions["batch"].memory_mb
  timeout_seconds      = var.functions["batch"].timeout_seconds
  reserved_concurrency = var.functions["batch"].reserved_concurrency
  log_retention_days   = var.logs.retention_days
  log_key_arn          = var.logs.key_arn
  alarm_actions        = var.alarms.actions

  environment = merge(local.environment, local.settling, {
    TWINLAKE_DATABASE        = local.database
    TWINLAKE_WORKGROUP       = var.lake.workgroup
    TWINLAKE_DELIVERY_STREAM = local.full_name
    TWINLAKE_STREAM_ARN      = local.stream_arn
  })

  statements = [
    local.list_bucket,
    local.encrypt,
    {
      sid     = "Read"
      actions = ["s3:GetObject"]
      resources = [
        "${local.objects}/bundles/*",
        "${local.objects}/reference/*",
        "${local.objects}/raw/${var.pipeline}/*",
        "${local.objects}/aws/lambda/*",
      ]
    },
    {
      sid       = "ReadAndWriteState"
      actions   = ["s3:GetObject", "s3:PutObject"]
      resources = ["${local.state}/*"]
    },
    {
      # Athena writes results and runs with the role of its caller.
      sid     = "ReadAndWriteByAthena"
      actions = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      resources = [
        "${local.objects}/batch/${var.pipeline}/*",
        "${local.objects}/${var.lake.results_prefix}*",
      ]
    },
    {
      sid     = "DeleteUnreferenced"
      actions = ["s3:DeleteObject"]
      resources = [
        "${local.objects}/batch/${var.pipeline}/*",
        "${local.objects}/speed/${var.pipeline}/*",
      ]
    },
    {
      sid       = "LocateBucket"
      actions   = ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
      resources = [var.lake.bucket_arn]
    },
    {
      sid = "Catalog"
      actions = [
        "glue:GetDatabase",
        "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable",
        "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition", "glue:BatchCreatePartition",
        "glue:BatchDeletePartition",
      ]
      resources = local.all_table_arns
    },
    {
      # Athena looks at this database whatever database a query names.
      sid       = "FindDefaultDatabase"
      actions   = ["glue:GetDatabase"]
      resources = ["${local.glue_arn}:catalog", "${local.glue_arn}:database/default"]
    },
    {
      sid = "Query"
      actions = [
        "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution",
      ]
      resources = [var.lake.workgroup_arn]
    },
    {
      sid       = "FindGenesis"
      actions   = ["firehose:DescribeDeliveryStream"]
      resources = [local.delivery_stream_arn]
    },
  ]
}

module "preprocess" {
  source = "../function"

  name                 = "${local.full_name}-preprocess"
  description          = "Firehose transformation of ${var.pipeline}: stream records in, raw rows out"
  zip                  = "${var.functions_dir}/preprocess.zip"
  architecture         = var.architecture
  memory_mb            = var.functions["preprocess"].memory_mb
  timeout_seconds      = var.functions["preprocess"].timeout_seconds
  reserved_concurrency = var.functions["preprocess"].reserved_concurrency
  log_retention_days   = var.logs.retention_days
  log_key_arn          = var.logs.key_arn
  alarm_actions        = var.alarms.actions
  environment          = local.environment

  statements = [
    # Firehose may invoke the function before `activate` has recorded the genesis.
    local.list_bucket,
    local.decrypt,
    {
      sid       = "Read"
      actions   = ["s3:GetObject"]
      resources = ["${local.objects}/bundles/*", "${local.state}/definitions.json", "${local.state}/genesis.json"]
    },
  ]

  depends_on = [aws_lambda_invocation.migrate]
}

module "partitions" {
  source = "../function"

  name                 = "${local.full_name}-partitions"
  description          = "Registers the hourly raw folders of ${var.pipeline} in Glue"
  zip                  = "${var.functions_dir}/partitions.zip"
  architecture         = var.architecture
  memory_mb            = var.functions["partitions"].memory_mb
  timeout_seconds      = var.functions["partitions"].timeout_seconds
  reserved_concurrency = var.functions["partitions"].reserved_concurrency
  log_retention_days   = var.logs.retention_days
  log_key_arn          = var.logs.key_arn
  alarm_actions        = var.alarms.actions
  environment          = merge(local.environment, { TWINLAKE_DATABASE = local.database })

  statements = [
    {
      sid       = "ListRaw"
      actions   = ["s3:ListBucket"]
      resources = [var.lake.bucket_arn]
      condition = { StringLike = { "s3:prefix" = "raw/${var.pipeline}/*" } }
    },
    {
      sid       = "RegisterRaw"
      actions   = ["glue:GetTable", "glue:GetPartitions", "glue:BatchCreatePartition"]
      resources = local.raw_table_arns
    },
  ]
}

module "speed" {
  source = "../function"

  name                 = "${local.full_name}-speed"
  description          = "Materializes the speed views of ${var.pipeline} from the stream"
  zip                  = "${var.functions_dir}/speed.zip"
  architecture         = var.architecture
  memory_mb            = var.functions["speed"].memory_mb
  timeout_seconds      = var.functions["speed"].timeout_seconds
  reserved_concurrency = var.functions["speed"].reserved_concurrency
  log_retention_days   = var.logs.retention_days
  log_key_arn          = var.logs.key_arn
  alarm_actions        = var.alarms.actions
  environment          = merge(local.environment, local.settling, { TWINLAKE_STREAM_ARN = local.stream_arn })

  statements = [
    local.list_bucket,
    local.encrypt,
    {
      sid     = "Read"
      actions = ["s3:GetObject"]
      resources = [
        "${local.objects}/bundles/*",
        "${local.objects}/reference/*",
        "${local.state}/definitions.json",
        "${local.state}/genesis.json",
        "${local.state}/speed_logs.json",
      ]
    },
    {
      # Each of these objects may be there already, and is then read or looked for.
      sid     = "CreateOrRead"
      actions = ["s3:GetObject", "s3:PutObject"]
      resources = [
        "${local.objects}/speed/${var.pipeline}/*",
        # The verdicts on dropped records.
        "${local.objects}/raw/${var.pipeline}/*",
        "${local.state}/checkpoints/*",
      ]
    },
    {
      # The event source mapping writes discarded batches with the role of the function.
      sid       = "WriteToFailureDestination"
      actions   = ["s3:PutObject"]
      resources = ["${local.objects}/aws/lambda/*"]
    },
    {
      sid = "ReadStream"
      actions = [
        "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:GetShardIterator",
        "kinesis:GetRecords",
      ]
      resources = [local.stream_arn]
    },
  ]

  depends_on = [aws_lambda_invocation.migrate]
}
