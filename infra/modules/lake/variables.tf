variable "name" {
  description = "Name of the deployment: the key's alias, the workgroup, and the first part of the bucket's name."
  type        = string
  nullable    = false
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

variable "require_tls" {
  description = "Whether the bucket refuses requests that do not come over TLS."
  type        = bool
  nullable    = false
}

variable "force_destroy" {
  description = "Whether destroying the bucket deletes all that it holds."
  type        = bool
  nullable    = false
}

variable "encrypt_logs" {
  description = "Whether CloudWatch Logs may use the key, so that log groups can be encrypted with it."
  type        = bool
  nullable    = false
}

variable "key_deletion_days" {
  description = "Days between the destruction of the key and its final deletion."
  type        = number
  nullable    = false
}

variable "results_days" {
  description = "Days after which results of Athena queries expire."
  type        = number
  nullable    = false
}

variable "failed_days" {
  description = "Days after which what Firehose could not deliver expires."
  type        = number
  nullable    = false
}

variable "bytes_scanned_cutoff" {
  description = "Bytes that one Athena query may scan before it is cancelled; null for no limit."
  type        = number
  default     = null
}
