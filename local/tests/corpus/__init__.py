"""Statements with Trino's answers, which both engines behind the local Athena must give.

`statements/*.sql` holds the statements, `answers/*.txt` Trino's answers, `differences.txt` the answers of
DuckDB that may differ.
"""
