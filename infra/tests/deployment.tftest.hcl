# The root module: each folder becomes a pipeline, and the resources that pipelines share exist once.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/0" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::twinlake-123456789012-eu-central-1" }
  }

  mock_resource "aws_athena_workgroup" {
    defaults = { arn = "arn:aws:athena:eu-central-1:123456789012:workgroup/twinlake" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/one" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:one" }
  }

  mock_resource "aws_kinesis_stream" {
    defaults = { arn = "arn:aws:kinesis:eu-central-1:123456789012:stream/one" }
  }

  mock_resource "aws_kinesis_firehose_delivery_stream" {
    defaults = { arn = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/one" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:one" }
  }
}

variables {
  pipelines_dir = "tests/pipelines"
  functions_dir = "tests/functions"
}

run "two_pipelines" {
  command = plan

  assert {
    condition     = sort(keys(output.pipelines)) == tolist(["orders", "readings"])
    error_message = "Each folder that holds a pipeline.yaml is a pipeline."
  }

  assert {
    condition     = output.bucket == "twinlake-123456789012-eu-central-1" && output.workgroup == "twinlake"
    error_message = "Bucket and workgroup are named after deployment, account and region."
  }

  assert {
    condition = output.pipelines["readings"] == {
      stream          = "twinlake-readings"
      delivery_stream = "twinlake-readings"
      database        = "twinlake_readings"
      bundle          = output.pipelines["readings"].bundle
      functions = {
        preprocess = "twinlake-readings-preprocess"
        partitions = "twinlake-readings-partitions"
        speed      = "twinlake-readings-speed"
        batch      = "twinlake-readings-batch"
      }
      query = "twinlake query --deployment twinlake --pipeline readings 'SELECT * FROM per_label LIMIT 10'"
    }
    error_message = "The resources of a pipeline are named after deployment and pipeline."
  }

  assert {
    condition     = output.pipelines["readings"].bundle != output.pipelines["orders"].bundle
    error_message = "Two pipelines have two bundles."
  }

  assert {
    condition = keys(aws_s3_object.reference) == [
      "reference/devices/${filesha256("tests/pipelines/readings/reference/devices.csv")}/devices.csv",
    ]
    error_message = "Pipelines with the same table share one object, whose key holds the hash of the content."
  }
}

run "another_name" {
  command = plan

  variables {
    name = "two-lakes"
  }

  assert {
    condition     = output.pipelines["orders"].database == "two_lakes_orders" && output.pipelines["orders"].stream == "two-lakes-orders"
    error_message = "The name of the deployment prefixes every name; in Glue, dashes become underscores."
  }
}

run "one_of_two_pipelines" {
  command = plan

  variables {
    pipelines = ["orders"]
  }

  assert {
    condition     = sort(keys(output.pipelines)) == tolist(["orders"])
    error_message = "Only pipelines that are named are deployed."
  }
}

run "no_pipeline" {
  command = plan

  variables {
    pipelines = []
  }

  assert {
    condition     = length(output.pipelines) == 0 && length(aws_s3_object.reference) == 0 && output.bucket == "twinlake-123456789012-eu-central-1"
    error_message = "An empty list leaves the lake without pipelines and their reference tables."
  }
}

run "data_is_kept" {
  command = plan

  assert {
    condition     = terraform_data.guard.input == { bucket = output.bucket, force_destroy = false }
    error_message = "By default, the guard refuses to be destroyed."
  }
}
