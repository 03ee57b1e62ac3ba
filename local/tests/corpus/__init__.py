"""Statements with the answers that Trino gave: to them both engines behind the local Athena are held.

`statements/*.sql` ask, `answers/*.txt` have what Trino said, `differences.txt` what DuckDB says otherwise.
"""
