"""What functions may be given, in a short notation: `text integer integer?`, `any any*`, `time|interval`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb.function_types import family
from twinlake_local.athena.types import DType


@dataclass(frozen=True)
class Signature:
    """The arguments that a function takes."""

    #: For each argument, the families that it may be of.
    arguments: tuple[frozenset[str], ...]
    required: int
    #: The last argument may be given any number of times.
    repeats: bool

    @classmethod
    def of(cls, text: str) -> Signature:
        """Reads the notation."""
        words = text.split()
        return cls(
            tuple(frozenset(word.rstrip("?*").split("|")) for word in words),
            sum(not word.endswith(("?", "*")) for word in words),
            bool(words) and words[-1].endswith("*"),
        )

    def takes(self, given: Sequence[exp.DataType | None]) -> bool:
        """Whether arguments of these types may be given; one whose type is not known may always be."""
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
