locals {
  sql = { for kind in ["views", "queries"] : kind => {
    for file in fileset("${var.folder}/${kind}", "*.sql") :
    trimsuffix(file, ".sql") => file("${var.folder}/${kind}/${file}")
  } }

  bundle = jsonencode({
    format    = 1
    pipeline  = file("${var.folder}/pipeline.yaml")
    views     = local.sql.views
    queries   = local.sql.queries
    reference = { for name, reference in var.references : name => reference.sha256 }
  })

  bundle_key = "bundles/${sha256(local.bundle)}.json"
}

# The key holds the content's hash, so a changed pipeline is another object. One instance for each key, created before
# the one before is destroyed: the functions always name a bundle that is there, also when an apply stops half way and
# the next one goes back to the pipeline as it was.
resource "aws_s3_object" "bundle" {
  for_each = { (local.bundle_key) = local.bundle }

  bucket       = var.lake.bucket
  key          = each.key
  content      = each.value
  content_type = "application/json"

  override_provider {
    # An object takes ten tags, the deployment may have more.
    default_tags {
      tags = {}
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
