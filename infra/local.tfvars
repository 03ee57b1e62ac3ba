# Settings for the local AWS: short waits, plain http, and an empty account after `destroy`.
s3_use_path_style       = true
require_tls             = false
force_destroy           = true
key_deletion_days       = 7
stream_mode             = "PROVISIONED"
shard_count             = 2
buffer_seconds          = 2
transform_seconds       = 1
batching_window_seconds = 1
settle_seconds          = 5
