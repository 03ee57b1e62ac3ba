locals {
  definition = yamldecode(file("${var.folder}/pipeline.yaml"))

  # Everything of a pipeline carries this name; Glue takes no dashes.
  full_name = "${var.name}-${var.pipeline}"
  database  = replace(local.full_name, "-", "_")

  schedule = merge(
    {
      batch                   = "rate(15 minutes)"
      partitions              = "cron(5 * * * ? *)"
      settle_seconds          = 900
      batching_window_seconds = 10
      buffer_seconds          = 60
      buffer_mb               = 64
    },
    try(local.definition.schedule, {}),
    { for setting, value in var.overrides : setting => value if value != null },
  )
}
