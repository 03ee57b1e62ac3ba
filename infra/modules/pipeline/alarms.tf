# The module `function` adds an alarm on errors to each function.
resource "aws_cloudwatch_metric_alarm" "iterator_age" {
  alarm_name          = "${local.full_name}-iterator-age"
  alarm_description   = "speed is more than ${var.alarms.speed_minutes} minutes behind the stream ${aws_kinesis_stream.this.name}."
  namespace           = "AWS/Lambda"
  metric_name         = "IteratorAge"
  dimensions          = { FunctionName = module.speed.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarms.speed_minutes * 60 * 1000
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.actions
  ok_actions          = var.alarms.actions
}

resource "aws_cloudwatch_metric_alarm" "freshness" {
  alarm_name          = "${local.full_name}-freshness"
  alarm_description   = "Firehose holds records that are older than ${var.alarms.firehose_minutes} minutes; the reasons are in the log group ${aws_cloudwatch_log_group.firehose.name}."
  namespace           = "AWS/Firehose"
  metric_name         = "DeliveryToS3.DataFreshness"
  dimensions          = { DeliveryStreamName = aws_kinesis_firehose_delivery_stream.this.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarms.firehose_minutes * 60
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.actions
  ok_actions          = var.alarms.actions
}

resource "aws_cloudwatch_metric_alarm" "held_shards" {
  alarm_name          = "${local.full_name}-held-shards"
  alarm_description   = "raw/${var.pipeline}/ and the ledger of a shard differ; `twinlake status` shows both counts and the range."
  namespace           = "Twinlake"
  metric_name         = "HeldShards"
  dimensions          = { Deployment = var.name, Pipeline = var.pipeline }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0

  # `batch` publishes the metric at each tick, which is rarer than once in a period: until the next tick the last value
  # holds.
  treat_missing_data = "ignore"
  alarm_actions      = var.alarms.actions
  ok_actions         = var.alarms.actions
}

resource "aws_cloudwatch_metric_alarm" "stray_records" {
  alarm_name          = "${local.full_name}-stray-records"
  alarm_description   = "speed drops records of ${aws_kinesis_stream.this.name} as sent to the wrong shard, and no reshard is near. A producer that does not send them again needs `stream.wrong_shard: keep` in pipeline.yaml."
  namespace           = "Twinlake"
  metric_name         = "StrayRecords"
  dimensions          = { Deployment = var.name, Pipeline = var.pipeline }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.actions
  ok_actions          = var.alarms.actions
}
