variable "name" {
  description = "Name of the deployment: the key's alias, the workgroup, and the first part of the bucket's name."
  type        = string
  nullable    = false
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

variable "require_tls" {
  description = "Refuses requests to the bucket that do not come over TLS."
  type        = bool
  nullable    = false
}

variable "force_destroy" {
  description = "Lets `destroy` delete the bucket together with the objects in it."
  type        = bool
  nullable    = false
}

variable "encrypt_logs" {
  description = "Lets CloudWatch Logs use the key, so that log groups can be encrypted with it."
  type        = bool
  nullable    = false
}

variable "key_deletion_days" {
  description = "Days between the destruction of the key and its final deletion, 7 to 30."
  type        = number
  nullable    = false
}

variable "results_days" {
  description = "Days after which results of Athena queries expire."
  type        = number
  nullable    = false
}

variable "failed_days" {
  description = "Days after which records that Firehose could not deliver expire."
  type        = number
  nullable    = false
}

variable "bytes_scanned_cutoff" {
  description = "Bytes after which Athena cancels a query; null for no limit."
  type        = number
  default     = null
}
