"""Athena's SQL in words, as both engines' statements are told apart."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot.dialects.trino import Trino
from sqlglot.tokenizer_core import Token


class Words(Trino):
    """The words of Trino."""

    class Tokenizer(Trino.Tokenizer):
        """The tokenizer of Trino that splits SHOW and its like into words as well."""

        COMMANDS: ClassVar[set[Any]] = set()


def tokenize(text: str) -> list[Token]:
    """The words of a text; raises sqlglot's `TokenError` where it is none of Athena's."""
    return list(Words().tokenize(text))
