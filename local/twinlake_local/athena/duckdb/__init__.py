"""Athena's SQL on DuckDB: read in Trino's dialect, checked by its rules, rewritten so that DuckDB answers it."""
