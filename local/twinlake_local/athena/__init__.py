"""The local Athena: its API, and DuckDB behind it."""
