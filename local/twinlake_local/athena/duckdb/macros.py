"""The DuckDB macros of macros.sql, which rewritten queries call."""

from __future__ import annotations

import re
from pathlib import Path

TEXT = Path(__file__).with_name("macros.sql").read_text()
"""The statements that make them; each database runs them once."""

#: The macros that raise errors by `error()`, which DuckDB's TRY does not take.
RAISING = {
    definition[1]
    for definition in re.finditer(r"CREATE MACRO (\w+)([^;]*);", TEXT)
    if "error(" in definition[2]
}
