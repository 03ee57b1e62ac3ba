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

# The key holds the hash of the content, so that a changed pipeline is another object. Each key is an instance of its own,
# created before the previous one is destroyed: the functions always name a bundle that exists, even if an apply stops
# half way and the next one returns to the earlier pipeline.
resource "aws_s3_object" "bundle" {
  for_each = { (local.bundle_key) = local.bundle }

  bucket       = var.lake.bucket
  key          = each.key
  content      = each.value
  content_type = "application/json"

  override_provider {
    # An S3 object takes ten tags at most; the deployment may have more.
    default_tags {
      tags = {}
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
