# A `destroy` that must not delete data ends here, before it has changed anything.
#
# S3 refuses to delete a bucket that holds objects, but Terraform destroys the pipelines and the settings of the bucket
# (versioning, encryption, the block of public access) before the bucket itself: by the time of that refusal, records in
# the stream are lost and the bucket is unprotected. The guard depends on everything, so it is the first to be destroyed, and
# everything else waits for it. `prevent_destroy` takes no variable. A look into the bucket would need the AWS CLI; after
# a complete apply the bucket holds data anyway.
resource "terraform_data" "guard" {
  input            = { bucket = module.lake.bucket, force_destroy = var.force_destroy }
  triggers_replace = module.lake.bucket # another name of the deployment deletes the bucket too

  provisioner "local-exec" {
    when = destroy

    # The value of the last apply, as for the bucket itself.
    command = self.output.force_destroy ? "exit 0" : join(" ", [
      "echo 'The bucket ${self.output.bucket} keeps its data, so nothing was destroyed.",
      "To delete everything: apply -var force_destroy=true, then destroy.",
      "To delete pipelines alone: apply with the variable pipelines.' && exit 1",
    ])
  }

  depends_on = [module.lake, module.pipeline, aws_s3_object.reference]
}
