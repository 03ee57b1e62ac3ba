variable "name" {
  description = "Name of the deployment."
  type        = string
  nullable    = false
}

variable "pipeline" {
  description = "Name of the pipeline: its folder's name, and `name` in its pipeline.yaml."
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
}

variable "references" {
  description = "The pipeline's reference tables by name: SHA-256 of the CSV file, and the key of the uploaded object."
  type = map(object({
    sha256 = string
    key    = string
  }))
  nullable = false
}

variable "account" {
  description = "Where the deployment lives: AWS partition, account id and region."
  type = object({
    partition = string
    id        = string
    region    = string
  })
  nullable = false
}

variable "lake" {
  description = "What all pipelines share: bucket, key and workgroup."
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
  description = "Folder that holds the functions' zip files."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "Instruction set that the zip files were built for."
  type        = string
  nullable    = false
}

variable "functions" {
  description = "Memory, time-out and reserved concurrency of the functions, by function."
  type = map(object({
    memory_mb            = number
    timeout_seconds      = number
    reserved_concurrency = number
  }))
  nullable = false
}

variable "stream" {
  description = "The Kinesis stream: capacity mode, shards (mode PROVISIONED only) and hours that it keeps records."
  type = object({
    mode            = string
    shard_count     = number
    retention_hours = number
  })
  nullable = false
}

variable "transform" {
  description = "Firehose's invocations of `preprocess`: seconds that it gathers records for one, and how often it repeats a failed one."
  type = object({
    seconds = number
    retries = number
  })
  nullable = false
}

variable "mapping" {
  description = "The event source mapping of `speed`: records of one invocation, and when it gives up on a failing batch."
  type = object({
    batch_size                 = number
    maximum_retry_attempts     = number
    maximum_record_age_seconds = number
  })
  nullable = false
}

variable "overrides" {
  description = "Settings that take the place of those in the pipeline's `schedule`; null leaves the pipeline's own."
  type = object({
    buffer_seconds          = optional(number)
    buffer_mb               = optional(number)
    batching_window_seconds = optional(number)
    settle_seconds          = optional(number)
  })
  nullable = false
}

variable "schedules_enabled" {
  description = "Whether `batch` and `partitions` are invoked on schedule."
  type        = bool
  nullable    = false
}

variable "logs" {
  description = "Days that logs are kept, and the key that encrypts them (null for CloudWatch's own encryption)."
  type = object({
    retention_days = number
    key_arn        = optional(string)
  })
  nullable = false
}

variable "alarms" {
  description = "Minutes of delay after which the alarms of both layers go off, and whom they tell."
  type = object({
    speed_minutes    = number
    firehose_minutes = number
    actions          = list(string)
  })
  nullable = false
}
