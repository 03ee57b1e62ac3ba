variable "name" {
  description = "Name of the deployment and prefix of every name. Two deployments in one account need two names."
  type        = string
  default     = "twinlake"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name))
    error_message = "`name` has 2 to 20 lower-case letters, digits and dashes, begins with a letter and does not end with a dash."
  }
}

variable "region" {
  description = "AWS region; null takes the region of the environment or of the AWS profile."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "`region` is the name of an AWS region such as eu-central-1, or null."
  }
}

variable "tags" {
  description = "Tags of every resource, in addition to `application`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "s3_use_path_style" {
  description = "Puts the bucket's name into the path of S3 requests instead of the host name, for endpoints without wildcard DNS."
  type        = bool
  default     = false
  nullable    = false
}

# ---- pipelines and functions

variable "pipelines_dir" {
  description = "Folder that holds one folder for each pipeline. A relative path begins at this root module."
  type        = string
  default     = "../pipelines"
  nullable    = false

  validation {
    condition     = length(fileset(var.pipelines_dir, "*/pipeline.yaml")) > 0
    error_message = "There is no <pipeline>/pipeline.yaml in `pipelines_dir`."
  }
}

variable "pipelines" {
  description = "Names of the pipelines to deploy; null deploys each folder of `pipelines_dir`. A pipeline that is left out is destroyed. Its data stays in the bucket."
  type        = set(string)
  default     = null

  validation {
    condition     = var.pipelines == null || alltrue([for name in coalesce(var.pipelines, []) : fileexists("${var.pipelines_dir}/${name}/pipeline.yaml")])
    error_message = "Each name in `pipelines` is that of a folder in `pipelines_dir` with a pipeline.yaml."
  }
}

variable "functions_dir" {
  description = "Folder of the functions' zip files, as scripts/build writes them. A relative path begins at this root module."
  type        = string
  default     = "../target/functions"
  nullable    = false
}

variable "architecture" {
  description = "Instruction set of the zip files in `functions_dir`: x86_64 or arm64."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "`architecture` is x86_64 or arm64."
  }
}

variable "functions" {
  description = "Memory, timeout and reserved concurrency (-1 for none) of the functions, equal in all pipelines."
  type = object({
    preprocess = optional(object({
      memory_mb            = optional(number, 1024)
      timeout_seconds      = optional(number, 60)
      reserved_concurrency = optional(number, -1)
    }), {})
    partitions = optional(object({
      memory_mb            = optional(number, 256)
      timeout_seconds      = optional(number, 300)
      reserved_concurrency = optional(number, -1)
    }), {})
    speed = optional(object({
      memory_mb            = optional(number, 1769)
      timeout_seconds      = optional(number, 120)
      reserved_concurrency = optional(number, -1)
    }), {})
    batch = optional(object({
      memory_mb            = optional(number, 512)
      timeout_seconds      = optional(number, 840)
      reserved_concurrency = optional(number, -1)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for f in values(var.functions) : f.memory_mb >= 128 && f.memory_mb <= 10240 && floor(f.memory_mb) == f.memory_mb])
    error_message = "`memory_mb` is a whole number between 128 and 10240."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : f.timeout_seconds >= 1 && f.timeout_seconds <= 900 && floor(f.timeout_seconds) == f.timeout_seconds])
    error_message = "`timeout_seconds` is a whole number between 1 and 900."
  }

  validation {
    condition     = var.functions.preprocess.timeout_seconds <= 300
    error_message = "Firehose waits 300 seconds for `preprocess`, no longer."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : f.reserved_concurrency >= -1 && floor(f.reserved_concurrency) == f.reserved_concurrency])
    error_message = "`reserved_concurrency` is a whole number, -1 for none."
  }
}

# ---- streams

variable "stream_mode" {
  description = "Capacity mode of the Kinesis streams: ON_DEMAND, or PROVISIONED with `shard_count`."
  type        = string
  default     = "ON_DEMAND"
  nullable    = false

  validation {
    condition     = contains(["ON_DEMAND", "PROVISIONED"], var.stream_mode)
    error_message = "`stream_mode` is ON_DEMAND or PROVISIONED."
  }
}

variable "shard_count" {
  description = "Number of shards of each Kinesis stream in mode PROVISIONED. A shard takes 1 MB/s in and 2 MB/s out."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.shard_count >= 1 && var.shard_count <= 1000 && floor(var.shard_count) == var.shard_count
    error_message = "`shard_count` is a whole number between 1 and 1000: the text of a view has room for about 1,000 shards."
  }
}

variable "retention_hours" {
  description = "Hours for which the streams keep records: the longest outage of both layers that loses nothing."
  type        = number
  default     = 48
  nullable    = false

  validation {
    condition     = var.retention_hours >= 24 && var.retention_hours <= 8760 && floor(var.retention_hours) == var.retention_hours
    error_message = "`retention_hours` is a whole number between 24 and 8760."
  }
}

# ---- delivery to the batch layer

variable "buffer_seconds" {
  description = "Seconds of records that Firehose gathers for one object; null takes each pipeline's own `buffer_seconds`."
  type        = number
  default     = null

  validation {
    condition     = var.buffer_seconds == null || try(var.buffer_seconds >= 0 && var.buffer_seconds <= 900, false)
    error_message = "`buffer_seconds` is a number between 0 and 900, or null."
  }
}

variable "buffer_mb" {
  description = "Megabytes of records that Firehose gathers for one object; null takes each pipeline's own `buffer_mb`."
  type        = number
  default     = null

  validation {
    condition     = var.buffer_mb == null || try(var.buffer_mb >= 64 && var.buffer_mb <= 128, false)
    error_message = "`buffer_mb` is a number between 64 (the minimum with conversion to Parquet) and 128, or null."
  }
}

variable "transform_seconds" {
  description = "Seconds of records that Firehose gathers for one invocation of `preprocess`, unless 0.2 MB come first."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.transform_seconds >= 0 && var.transform_seconds <= 900 && floor(var.transform_seconds) == var.transform_seconds
    error_message = "`transform_seconds` is a whole number between 0 and 900."
  }

  validation {
    condition     = var.transform_seconds != 60
    error_message = "60 seconds are the default of AWS, which Firehose omits from its description: every plan would show a change. Take 59 or 61."
  }
}

variable "transform_retries" {
  description = "Retries of a failed invocation of `preprocess` before Firehose writes the records to failed/."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.transform_retries >= 0 && var.transform_retries <= 300 && floor(var.transform_retries) == var.transform_retries
    error_message = "`transform_retries` is a whole number between 0 and 300."
  }

  validation {
    condition     = var.transform_retries != 3
    error_message = "3 retries are the default of AWS, which Firehose omits from its description: every plan would show a change. Take 2 or 4."
  }
}

variable "settle_seconds" {
  description = "Age in seconds at which a record is taken to lie in raw/, so that an audit may count it; null takes each pipeline's own `settle_seconds`."
  type        = number
  default     = null

  validation {
    condition     = var.settle_seconds == null || try(var.settle_seconds >= 0 && floor(var.settle_seconds) == var.settle_seconds, false)
    error_message = "`settle_seconds` is a whole number, 0 or more, or null."
  }
}

# ---- delivery to the speed layer, and schedules

variable "batching_window_seconds" {
  description = "Seconds of records gathered for one invocation of `speed`; null takes each pipeline's own `batching_window_seconds`."
  type        = number
  default     = null

  validation {
    condition     = var.batching_window_seconds == null || try(var.batching_window_seconds >= 0 && var.batching_window_seconds <= 300 && floor(var.batching_window_seconds) == var.batching_window_seconds, false)
    error_message = "`batching_window_seconds` is a whole number between 0 and 300, or null."
  }
}

variable "batch_size" {
  description = "Stream records of one invocation of `speed` at most."
  type        = number
  default     = 10000
  nullable    = false

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10000 && floor(var.batch_size) == var.batch_size
    error_message = "`batch_size` is a whole number between 1 and 10000."
  }
}

variable "maximum_retry_attempts" {
  description = "Retries of a failing batch of `speed`, in halves, before it goes to the failure destination."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.maximum_retry_attempts >= 0 && var.maximum_retry_attempts <= 10000 && floor(var.maximum_retry_attempts) == var.maximum_retry_attempts
    error_message = "`maximum_retry_attempts` is a whole number between 0 and 10000; without an end one bad batch would block its shard until its records expire."
  }
}

variable "maximum_record_age_seconds" {
  description = "Age in seconds at which a failing batch of `speed` goes to the failure destination; -1 for the retention of the stream."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.maximum_record_age_seconds == -1 || (var.maximum_record_age_seconds >= 60 && var.maximum_record_age_seconds <= 604800 && floor(var.maximum_record_age_seconds) == var.maximum_record_age_seconds)
    error_message = "`maximum_record_age_seconds` is -1 or a whole number between 60 and 604800."
  }

  validation {
    condition     = var.maximum_record_age_seconds < var.retention_hours * 3600
    error_message = "`maximum_record_age_seconds` is less than `retention_hours`: a record that has expired cannot go to the failure destination."
  }
}

variable "schedules_enabled" {
  description = "Invokes `batch` and `partitions` on schedule. Without it the watermark moves only when `batch` is invoked by hand."
  type        = bool
  default     = true
  nullable    = false
}

# ---- data at rest

variable "require_tls" {
  description = "Refuses requests to the bucket that do not come over TLS."
  type        = bool
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Lets `destroy` delete the bucket together with the objects in it, once it has been applied. Otherwise `destroy` is refused and changes nothing."
  type        = bool
  default     = false
  nullable    = false
}

variable "key_deletion_days" {
  description = "Days between `destroy` and the final deletion of the key. Until then it can be restored."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.key_deletion_days >= 7 && var.key_deletion_days <= 30 && floor(var.key_deletion_days) == var.key_deletion_days
    error_message = "`key_deletion_days` is a whole number between 7 and 30."
  }
}

variable "results_days" {
  description = "Days after which results of Athena queries expire."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.results_days >= 1 && floor(var.results_days) == var.results_days
    error_message = "`results_days` is a whole number, 1 or more: a batch run reads the results of its own queries."
  }
}

variable "failed_days" {
  description = "Days after which records that Firehose could not deliver (failed/) expire."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.failed_days >= 1 && floor(var.failed_days) == var.failed_days
    error_message = "`failed_days` is a whole number, 1 or more."
  }
}

variable "bytes_scanned_cutoff" {
  description = "Bytes after which Athena cancels a query, those of `batch` included; null for no limit."
  type        = number
  default     = null

  validation {
    condition     = var.bytes_scanned_cutoff == null || try(var.bytes_scanned_cutoff >= 10485760, false)
    error_message = "`bytes_scanned_cutoff` is 10485760 (10 MB) or more, or null."
  }
}

# ---- logs and alarms

variable "log_retention_days" {
  description = "Days after which log lines expire."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "`log_retention_days` is one of the values that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 and so on up to 3653."
  }
}

variable "encrypt_logs" {
  description = "Encrypts log groups with the deployment's key instead of CloudWatch's own."
  type        = bool
  default     = false
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "ARN of an SNS topic that is notified of alarms; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alarm_topic_arn))
    error_message = "`alarm_topic_arn` is the ARN of an SNS topic, or null."
  }
}

variable "alarm_after_minutes" {
  description = "Minutes of delay after which alarms go off: `speed` behind the stream (iterator age), Firehose behind it (data freshness)."
  type = object({
    speed    = optional(number, 10)
    firehose = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for minutes in values(var.alarm_after_minutes) : minutes > 0])
    error_message = "`alarm_after_minutes` are greater than 0."
  }
}
