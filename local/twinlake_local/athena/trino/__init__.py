"""A Trino server beside the emulator: the engine that Athena's version 3 is.

`artifacts` fetches it, `java` finds what runs it, `server` runs it; `engine` puts Athena's statements to it.
"""

from __future__ import annotations


class CannotHaveTrino(Exception):
    """Trino cannot be fetched or started; the message says what is missing and what helps."""
