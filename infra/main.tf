data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  account = {
    partition = data.aws_partition.this.partition
    id        = data.aws_caller_identity.this.account_id
    region    = data.aws_region.this.name
  }

  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]

  # Each folder that holds a pipeline.yaml is a pipeline.
  pipelines = {
    for file in fileset(var.pipelines_dir, "*/pipeline.yaml") :
    dirname(file) => yamldecode(file("${var.pipelines_dir}/${file}"))
    if var.pipelines == null || contains(coalesce(var.pipelines, []), dirname(file))
  }

  references = {
    for pipeline, definition in local.pipelines : pipeline => {
      for reference in try(definition.reference, []) : reference.name => {
        source = "${var.pipelines_dir}/${pipeline}/reference/${reference.name}.csv"
        sha256 = filesha256("${var.pipelines_dir}/${pipeline}/reference/${reference.name}.csv")
      }
    }
  }

  # The key names the content: two pipelines with the same table share its object.
  reference_sources = merge([
    for references in values(local.references) : {
      for name, reference in references : "reference/${name}/${reference.sha256}/${name}.csv" => reference.source
    }
  ]...)
}

module "lake" {
  source = "./modules/lake"

  name                 = var.name
  account              = local.account
  require_tls          = var.require_tls
  force_destroy        = var.force_destroy
  encrypt_logs         = var.encrypt_logs
  key_deletion_days    = var.key_deletion_days
  results_days         = var.results_days
  failed_days          = var.failed_days
  bytes_scanned_cutoff = var.bytes_scanned_cutoff
}

resource "aws_s3_object" "reference" {
  for_each = local.reference_sources

  bucket       = module.lake.bucket
  key          = each.key
  source       = each.value
  content_type = "text/csv"

  override_provider {
    # An S3 object takes ten tags at most; the deployment may have more.
    default_tags {
      tags = {}
    }
  }

  lifecycle {
    create_before_destroy = true

    # The key names the content: an object is not written again because its folder has moved.
    ignore_changes = [source]
  }
}

module "pipeline" {
  source   = "./modules/pipeline"
  for_each = local.pipelines

  name              = var.name
  pipeline          = each.key
  folder            = "${var.pipelines_dir}/${each.key}"
  account           = local.account
  functions_dir     = var.functions_dir
  architecture      = var.architecture
  functions         = var.functions
  schedules_enabled = var.schedules_enabled

  # Single outputs, not the module: the module as a whole is complete only with its lifecycle rules, which take a minute.
  lake = {
    bucket         = module.lake.bucket
    bucket_arn     = module.lake.bucket_arn
    key_arn        = module.lake.key_arn
    workgroup      = module.lake.workgroup
    workgroup_arn  = module.lake.workgroup_arn
    results_prefix = module.lake.results_prefix
  }

  references = {
    for name, reference in local.references[each.key] : name => {
      sha256 = reference.sha256
      key    = aws_s3_object.reference["reference/${name}/${reference.sha256}/${name}.csv"].key
    }
  }

  stream = {
    mode            = var.stream_mode
    shard_count     = var.shard_count
    retention_hours = var.retention_hours
  }

  transform = {
    seconds = var.transform_seconds
    retries = var.transform_retries
  }

  mapping = {
    batch_size                 = var.batch_size
    maximum_retry_attempts     = var.maximum_retry_attempts
    maximum_record_age_seconds = var.maximum_record_age_seconds
  }

  overrides = {
    buffer_seconds          = var.buffer_seconds
    buffer_mb               = var.buffer_mb
    batching_window_seconds = var.batching_window_seconds
    settle_seconds          = var.settle_seconds
  }

  logs = {
    retention_days = var.log_retention_days
    key_arn        = var.encrypt_logs ? module.lake.key_arn : null
  }

  alarms = {
    speed_minutes    = var.alarm_after_minutes.speed
    firehose_minutes = var.alarm_after_minutes.firehose
    actions          = local.alarm_actions
  }
}
