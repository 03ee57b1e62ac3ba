"""The tokens of Athena's SQL, which tell its statements apart for both engines."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot.dialects.trino import Trino
from sqlglot.tokenizer_core import Token


class Words(Trino):
    """Trino's dialect without statements that sqlglot leaves unparsed."""

    class Tokenizer(Trino.Tokenizer):
        """Trino's tokenizer, which also splits SHOW and similar statements into words."""

        COMMANDS: ClassVar[set[Any]] = set()


def tokenize(text: str) -> list[Token]:
    """The tokens of a text; raises sqlglot's `TokenError` for text that is not SQL."""
    return list(Words().tokenize(text))
