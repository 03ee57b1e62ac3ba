//! The lake on AWS: objects and heads on S3, tables in the Glue catalog, queries in Athena.
