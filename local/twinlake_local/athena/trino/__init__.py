"""A Trino server beside the emulator: Athena's engine version 3 is Trino.

`artifacts` fetches it, `java` finds its Java, `server` runs it, and `engine` translates Athena's statements
for it.
"""

from __future__ import annotations


class CannotHaveTrino(Exception):
    """Trino cannot be fetched or started. The message names the cause and what helps."""
