"""Athena's SQL on DuckDB: read in Trino's dialect, checked by its rules, rewritten for DuckDB."""
