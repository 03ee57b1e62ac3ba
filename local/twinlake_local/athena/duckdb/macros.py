"""The DuckDB macros that rewritten queries call, defined in macros.sql."""

from __future__ import annotations

import re
from pathlib import Path

TEXT = Path(__file__).with_name("macros.sql").read_text()
"""The statements that define the macros; each database runs them once."""

#: The macros that call `error()`, which DuckDB's TRY does not allow.
RAISING = {
    definition[1]
    for definition in re.finditer(r"CREATE MACRO (\w+)([^;]*);", TEXT)
    if "error(" in definition[2]
}
