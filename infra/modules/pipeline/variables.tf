variable "name" {
  description = "Name of the deployment: the prefix of every name, and the dimension Deployment of the pipeline's metrics."
  type        = string
  nullable    = false
}

variable "pipeline" {
  description = "Name of the pipeline: the name of its folder, and `name` in its pipeline.yaml."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_-]{0,29}$", var.pipeline))
    error_message = "A pipeline's folder has at most 30 lower-case letters, digits, dashes and underscores, and begins with a letter."
  }
}

variable "folder" {
  description = "Path of the pipeline's folder."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists("${var.folder}/pipeline.yaml")
    error_message = "`folder` holds a file pipeline.yaml."
  }
}

variable "references" {
  description = "Reference tables of the pipeline by name: SHA-256 of the CSV file, and key of the uploaded object."
  type = map(object({
    sha256 = string
    key    = string
  }))
  nullable = false
}

variable "account" {
  description = "AWS partition, account id and region of the deployment."
  type = object({
    partition = string
    id        = string
    region    = string
  })
  nullable = false
}

variable "lake" {
  description = "Bucket, key and workgroup that the pipelines of a deployment share: the outputs of the module `lake`."
  type = object({
    bucket         = string
    bucket_arn     = string
    key_arn        = string
    workgroup      = string
    workgroup_arn  = string
    results_prefix = string
  })
  nullable = false
}

variable "functions_dir" {
  description = "Folder of the functions' zip files, `<function>.zip`."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "Instruction set of the zip files: x86_64 or arm64."
  type        = string
  nullable    = false
}

variable "functions" {
  description = "Memory, timeout and reserved concurrency (-1 for none) of `preprocess`, `partitions`, `speed` and `batch`."
  type = map(object({
    memory_mb            = number
    timeout_seconds      = number
    reserved_concurrency = number
  }))
  nullable = false

  validation {
    condition     = toset(keys(var.functions)) == toset(["preprocess", "partitions", "speed", "batch"])
    error_message = "`functions` has exactly the keys preprocess, partitions, speed and batch."
  }
}

variable "stream" {
  description = "Kinesis stream: capacity mode, number of shards (mode PROVISIONED only), and hours for which it keeps records."
  type = object({
    mode            = string
    shard_count     = number
    retention_hours = number
  })
  nullable = false

  validation {
    condition     = contains(["ON_DEMAND", "PROVISIONED"], var.stream.mode)
    error_message = "`stream.mode` is ON_DEMAND or PROVISIONED."
  }
}

variable "transform" {
  description = "Invocations of `preprocess` by Firehose: seconds of records gathered for one, and retries of a failed one."
  type = object({
    seconds = number
    retries = number
  })
  nullable = false
}

variable "mapping" {
  description = "Event source mapping of `speed`: stream records of one invocation at most, and the limits after which a failing batch is discarded."
  type = object({
    batch_size                 = number
    maximum_retry_attempts     = number
    maximum_record_age_seconds = number
  })
  nullable = false
}

variable "overrides" {
  description = "Settings that replace those of the pipeline's `schedule`; null keeps the pipeline's own."
  type = object({
    buffer_seconds          = optional(number)
    buffer_mb               = optional(number)
    batching_window_seconds = optional(number)
    settle_seconds          = optional(number)
  })
  default  = {}
  nullable = false
}

variable "schedules_enabled" {
  description = "Invokes `batch` and `partitions` on schedule."
  type        = bool
  default     = true
  nullable    = false
}

variable "logs" {
  description = "Days after which log lines expire, and ARN of the KMS key that encrypts them (null for CloudWatch's own encryption)."
  type = object({
    retention_days = number
    key_arn        = optional(string)
  })
  nullable = false
}

variable "alarms" {
  description = "Minutes of delay after which the alarms of both layers go off, and ARNs that are notified."
  type = object({
    speed_minutes    = number
    firehose_minutes = number
    actions          = list(string)
  })
  nullable = false

  validation {
    condition     = var.alarms.speed_minutes > 0 && var.alarms.firehose_minutes > 0
    error_message = "`alarms.speed_minutes` and `alarms.firehose_minutes` are greater than 0."
  }
}
