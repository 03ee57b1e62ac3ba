locals {
  # Column types in pipeline.yaml are spelled as in Hive.
  column_types = ["string", "int", "bigint", "double", "boolean", "timestamp", "date"]

  raw_columns = concat(
    [for column in local.definition.columns : { name = column.name, type = column.type }],
    [
      { name = "_shard", type = "string" },
      { name = "_sequence_number", type = "string" },
      { name = "_subsequence_number", type = "bigint" },
      { name = "_line", type = "bigint" },
      { name = "_arrival_ms", type = "bigint" },
      { name = "_definition", type = "string" },
      { name = "_reject", type = "string" },
      { name = "_drop", type = "string" },
      { name = "_repair", type = "bigint" },
      { name = "_bytes", type = "string" },
    ],
  )
}

# The function `batch` owns the derived tables and views in the database. They are deleted with it.
resource "aws_glue_catalog_database" "this" {
  name        = local.database
  description = "Twinlake pipeline ${var.pipeline}"

  # From these parameters, tools find every other resource by the name of the database alone.
  parameters = {
    "twinlake.bucket"          = var.lake.bucket
    "twinlake.pipeline"        = var.pipeline
    "twinlake.stream"          = local.full_name
    "twinlake.delivery_stream" = local.full_name
    "twinlake.workgroup"       = var.lake.workgroup
    "twinlake.bundle"          = local.bundle_key
    "twinlake.settle_seconds"  = tostring(local.schedule.settle_seconds)
  }

  # In an account with Lake Formation the default may be empty. With this entry IAM alone decides about the tables that
  # `batch` creates, as in an account without Lake Formation.
  create_table_default_permission {
    permissions = ["ALL"]

    principal {
      data_lake_principal_identifier = "IAM_ALLOWED_PRINCIPALS"
    }
  }
}

resource "aws_glue_catalog_table" "raw" {
  name          = "raw"
  database_name = aws_glue_catalog_database.this.name
  description   = "Every record of the stream, accepted or rejected, at least once"
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL       = "TRUE"
    classification = "parquet"
  }

  storage_descriptor {
    location      = "s3://${var.lake.bucket}/raw/${var.pipeline}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = local.raw_columns

      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }

  dynamic "partition_keys" {
    for_each = ["year", "month", "day", "hour"]

    content {
      name = partition_keys.value
      type = "string"
    }
  }

  lifecycle {
    precondition {
      condition     = try(local.definition.version, 1) == 1
      error_message = "${var.folder}/pipeline.yaml: this module reads version 1, not ${try(local.definition.version, "")}."
    }

    precondition {
      condition     = local.definition.name == var.pipeline
      error_message = "${var.folder}/pipeline.yaml: `name` is ${local.definition.name}, but the folder is named ${var.pipeline}."
    }

    precondition {
      condition     = alltrue([for column in local.definition.columns : contains(local.column_types, column.type)])
      error_message = "${var.folder}/pipeline.yaml: the type of a column is one of ${join(", ", local.column_types)}."
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = local.sql.queries

  name      = each.key
  workgroup = var.lake.workgroup
  database  = aws_glue_catalog_database.this.name
  query     = each.value
}
