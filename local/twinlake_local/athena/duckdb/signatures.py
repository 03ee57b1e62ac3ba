"""The argument types of functions in a short notation: `text integer integer?`, `any any*`, `time|json`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb.function_types import family
from twinlake_local.athena.types import DType


@dataclass(frozen=True)
class Signature:
    """The argument types of a function."""

    #: The permitted families of each argument.
    arguments: tuple[frozenset[str], ...]
    required: int
    #: The last argument may repeat.
    repeats: bool

    @classmethod
    def of(cls, text: str) -> Signature:
        """Parses the notation."""
        words = text.split()
        return cls(
            tuple(frozenset(word.rstrip("?*").split("|")) for word in words),
            sum(not word.endswith(("?", "*")) for word in words),
            bool(words) and words[-1].endswith("*"),
        )

    def takes(self, given: Sequence[exp.DataType | None]) -> bool:
        """Reports whether arguments of these types fit. An argument of unknown type always fits."""
        if len(given) < self.required or (len(given) > len(self.arguments) and not self.repeats):
            return False
        return all(
            _is_one_of(data_type, self.arguments[min(index, len(self.arguments) - 1)])
            for index, data_type in enumerate(given)
        )


_FAMILIES = {DType.BOOLEAN: "boolean", DType.VARBINARY: "bytes", DType.STRUCT: "row"}


def _is_one_of(data_type: exp.DataType | None, families: frozenset[str]) -> bool:
    if data_type is None or not types.is_known(data_type) or "any" in families:
        return True
    if "integer" in families and data_type.this in types.INTEGERS:
        return True
    name = "array" if data_type.this in types.ARRAYS else _FAMILIES.get(data_type.this)
    return (name or str(family(data_type)).lower()) in families
