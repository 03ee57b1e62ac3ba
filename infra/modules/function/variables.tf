variable "name" {
  description = "Name of the function, its role, its log group and its alarm."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "A function's name has at most 64 letters, digits, dashes and underscores: shorten `name` or the pipeline's."
  }
}

variable "description" {
  description = "What the function does, in a few words."
  type        = string
  nullable    = false
}

variable "zip" {
  description = "Path of the zip file that holds `bootstrap`."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.zip)
    error_message = "There is no such zip file: run scripts/build, or point `functions_dir` to where the zip files are."
  }
}

variable "architecture" {
  description = "Instruction set that `bootstrap` was built for: x86_64 or arm64."
  type        = string
  nullable    = false
}

variable "memory_mb" {
  description = "Memory in MB; the share of a CPU grows with it (1769 MB are one)."
  type        = number
  nullable    = false
}

variable "timeout_seconds" {
  description = "Seconds after which an invocation is ended."
  type        = number
  nullable    = false
}

variable "reserved_concurrency" {
  description = "Concurrent executions taken out of the account's pool for this function alone; -1 for none."
  type        = number
  nullable    = false
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
  nullable    = false
}

variable "statements" {
  description = "What the function's role may do, besides writing to its own log group."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
    condition = optional(map(map(string)))
  }))
  nullable = false
}

variable "log_retention_days" {
  description = "Days that the function's log is kept."
  type        = number
  nullable    = false
}

variable "log_key_arn" {
  description = "ARN of the KMS key that encrypts the log group; null for CloudWatch's own encryption."
  type        = string
  default     = null
}

variable "alarm_actions" {
  description = "ARNs told when the alarm on errors goes off or recovers."
  type        = list(string)
  nullable    = false
}
