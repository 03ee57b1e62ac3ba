locals {
  raw_prefix = "raw/${var.pipeline}/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"

  # The minimum of Firehose. Base64, metadata and the raw columns multiply small records, and a request or a response of
  # Lambda holds 6 MB at most.
  transform_mb = "0.2"
}

resource "aws_cloudwatch_log_group" "firehose" {
  name              = "/aws/kinesisfirehose/${local.full_name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.key_arn
}

resource "aws_cloudwatch_log_stream" "firehose" {
  name           = "DestinationDelivery"
  log_group_name = aws_cloudwatch_log_group.firehose.name
}

resource "aws_iam_role" "firehose" {
  name        = "${local.full_name}-firehose"
  description = "Permissions of the delivery stream ${local.full_name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "firehose.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.account.id } }
    }]
  })
}

resource "aws_iam_role_policy" "firehose" {
  name = "firehose"
  role = aws_iam_role.firehose.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadStream"
        Effect   = "Allow"
        Action   = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"]
        Resource = [aws_kinesis_stream.this.arn]
      },
      {
        Sid      = "Transform"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"]
        Resource = [module.preprocess.arn, "${module.preprocess.arn}:$LATEST"]
      },
      {
        Sid      = "ReadSchema"
        Effect   = "Allow"
        Action   = ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"]
        Resource = local.raw_table_arns
      },
      {
        Sid      = "LocateBucket"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = [var.lake.bucket_arn]
      },
      {
        Sid      = "Deliver"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
        Resource = ["${local.objects}/raw/${var.pipeline}/*", "${local.objects}/failed/${var.pipeline}/*"]
      },
      {
        Sid      = "EncryptAndDecrypt"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [var.lake.key_arn]
      },
      {
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.firehose.arn}:log-stream:${aws_cloudwatch_log_stream.firehose.name}"]
      },
    ]
  })
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  name        = local.full_name
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.this.arn
    role_arn           = aws_iam_role.firehose.arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.firehose.arn
    bucket_arn          = var.lake.bucket_arn
    prefix              = local.raw_prefix
    error_output_prefix = "failed/${var.pipeline}/!{firehose:error-output-type}/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"
    custom_time_zone    = "UTC"
    buffering_interval  = local.schedule.buffer_seconds
    buffering_size      = local.schedule.buffer_mb
    compression_format  = "UNCOMPRESSED" # the objects; Parquet compresses its own pages
    kms_key_arn         = var.lake.key_arn

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.firehose.name
      log_stream_name = aws_cloudwatch_log_stream.firehose.name
    }

    processing_configuration {
      enabled = true

      processors {
        type = "Lambda"

        parameters {
          parameter_name  = "LambdaArn"
          parameter_value = "${module.preprocess.arn}:$LATEST"
        }

        # DescribeDeliveryStream omits parameters that equal their defaults (1 MB, 60 s, 3 retries), and every plan would
        # show them as a change.
        parameters {
          parameter_name  = "BufferSizeInMBs"
          parameter_value = local.transform_mb
        }

        parameters {
          parameter_name  = "BufferIntervalInSeconds"
          parameter_value = tostring(var.transform.seconds)
        }

        parameters {
          parameter_name  = "NumberOfRetries"
          parameter_value = tostring(var.transform.retries)
        }
      }
    }

    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          # Reads timestamps of the form `YYYY-MM-DD HH:MM:SS.mmm` without a configured format.
          open_x_json_ser_de {}
        }
      }

      output_format_configuration {
        serializer {
          parquet_ser_de {
            compression = "SNAPPY"
          }
        }
      }

      schema_configuration {
        database_name = aws_glue_catalog_database.this.name
        table_name    = aws_glue_catalog_table.raw.name
        region        = var.account.region
        role_arn      = aws_iam_role.firehose.arn
      }
    }
  }

  depends_on = [aws_iam_role_policy.firehose, aws_lambda_invocation.migrate]
}
