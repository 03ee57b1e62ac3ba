variable "name" {
  description = "Name of the function, its IAM role, its log group and its alarm."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "A function's name has at most 64 letters, digits, dashes and underscores: shorten `name` or the pipeline's."
  }
}

variable "description" {
  description = "Purpose of the function in a few words."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.description) <= 256
    error_message = "Lambda takes a description of at most 256 characters."
  }
}

variable "zip" {
  description = "Path of the zip file that holds the executable `bootstrap`."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.zip)
    error_message = "There is no such zip file: run scripts/build, or point `functions_dir` to the folder of the zip files."
  }
}

variable "architecture" {
  description = "Instruction set of `bootstrap`: x86_64 or arm64."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "`architecture` is x86_64 or arm64."
  }
}

variable "memory_mb" {
  description = "Memory in MB. The share of CPU time grows with it; 1769 MB are one CPU."
  type        = number
  nullable    = false
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number
  nullable    = false
}

variable "reserved_concurrency" {
  description = "Concurrent executions that the account sets aside for this function; -1 for none."
  type        = number
  nullable    = false
}

variable "environment" {
  description = "Environment variables of the function; 4 KB at most."
  type        = map(string)
  nullable    = false
}

variable "statements" {
  description = "Statements of the role's policy. Writing to the function's own log group is added to them."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
    condition = optional(map(map(string)))
  }))
  nullable = false

  validation {
    condition     = length(distinct(var.statements[*].sid)) == length(var.statements)
    error_message = "Each statement of a policy has a `sid` of its own."
  }
}

variable "log_retention_days" {
  description = "Days after which lines of the function's log expire."
  type        = number
  nullable    = false
}

variable "log_key_arn" {
  description = "ARN of the KMS key that encrypts the log group; null for CloudWatch's own encryption."
  type        = string
  default     = null
}

variable "alarm_actions" {
  description = "ARNs that are notified when the alarm on errors goes off or recovers."
  type        = list(string)
  nullable    = false
}
