locals {
  schedules = {
    batch = {
      expression   = local.schedule.batch
      function_arn = module.batch.arn
      # Discarded batches lie under the UUID of the mapping that discarded them.
      input = jsonencode({ action = "tick", mapping = aws_lambda_event_source_mapping.speed.uuid })
    }
    partitions = {
      expression   = local.schedule.partitions
      function_arn = module.partitions.arn
      input        = jsonencode({})
    }
  }
}

resource "aws_iam_role" "schedules" {
  name        = "${local.full_name}-schedules"
  description = "Permissions of the schedules of ${local.full_name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account.id } }
    }]
  })
}

resource "aws_iam_role_policy" "schedules" {
  name = "schedules"
  role = aws_iam_role.schedules.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Invoke"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [for schedule in local.schedules : schedule.function_arn]
    }]
  })
}

resource "aws_scheduler_schedule" "this" {
  for_each = local.schedules

  name                         = "${local.full_name}-${each.key}"
  description                  = "Invokes ${each.key} of ${var.pipeline}"
  schedule_expression          = each.value.expression
  schedule_expression_timezone = "UTC"
  state                        = var.schedules_enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = each.value.function_arn
    role_arn = aws_iam_role.schedules.arn
    input    = each.value.input

    # Both functions reconcile: each invocation reads the state and does the next step, so a lost tick costs only time.
    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 2
    }
  }

  depends_on = [aws_iam_role_policy.schedules, aws_lambda_invocation.activate]
}

# Scheduler invokes asynchronously. By default Lambda would retry a failed tick twice, while the next one may be running.
resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = { batch = module.batch.name, partitions = module.partitions.name }

  function_name                = each.value
  maximum_event_age_in_seconds = 300
  maximum_retry_attempts       = 0
}
