locals {
  account_statement = {
    Sid       = "Account"
    Effect    = "Allow"
    Principal = { AWS = "arn:${var.account.partition}:iam::${var.account.id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  logs_statement = {
    Sid       = "Logs"
    Effect    = "Allow"
    Principal = { Service = "logs.${var.account.region}.amazonaws.com" }
    Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"]
    Resource  = "*"
    Condition = {
      ArnLike = {
        "kms:EncryptionContext:aws:logs:arn" = "arn:${var.account.partition}:logs:${var.account.region}:${var.account.id}:log-group:/aws/*/${var.name}-*"
      }
    }
  }
}

# One key encrypts the stream, the bucket, query results and, on request, the logs: a principal that may not use it reads
# none of them. In a key policy, Resource "*" means the key to which the policy is attached.
resource "aws_kms_key" "this" {
  description             = "${var.name}: stream, bucket and query results"
  enable_key_rotation     = true
  deletion_window_in_days = var.key_deletion_days

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.account_statement], var.encrypt_logs ? [local.logs_statement] : [])
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
