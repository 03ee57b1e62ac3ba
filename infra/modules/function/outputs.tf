output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "ARN of the function, without a version."
  value       = aws_lambda_function.this.arn
}

output "role_name" {
  description = "Name of the function's IAM role."
  value       = aws_iam_role.this.name
}

output "code_hash" {
  description = "SHA-256 of the function's zip file in base64; it changes with the code."
  value       = aws_lambda_function.this.source_code_hash
}

output "policy" {
  description = "Policy of the function's IAM role, as JSON."
  value       = aws_iam_role_policy.this.policy
}

output "environment" {
  description = "Environment variables of the function."
  value       = aws_lambda_function.this.environment[0].variables
}
