locals {
  definition = yamldecode(file("${var.folder}/pipeline.yaml"))

  # Every resource of a pipeline carries this name. Glue allows no dashes in the name of a database.
  full_name = "${var.name}-${var.pipeline}"
  database  = replace(local.full_name, "-", "_")

  # The defaults belong to the crate `twinlake-pipeline`; its tests keep the file equal to them.
  schedule = merge(
    jsondecode(file("${path.module}/schedule_defaults.json")),
    try(local.definition.schedule, {}),
    { for setting, value in var.overrides : setting => value if value != null },
  )
}
