"""Values of Trino's client protocol as Athena prints them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from twinlake_local.athena.text import double_text

Signature = Mapping[str, Any]
"""A `typeSignature` of the protocol."""


def text(value: Any, signature: Signature) -> str | None:
    """One value as a `VarCharValue`; None is NULL."""
    return None if value is None else _text(value, signature)


def _text(value: Any, signature: Signature) -> str:
    kind, arguments = signature["rawType"], signature["arguments"]
    if kind == "varbinary":
        return base64.b64decode(value).hex(" ")
    if kind == "array":
        return f"[{', '.join(_nested(item, arguments[0]['value']) for item in value)}]"
    if kind == "map":
        items = (
            f"{_nested(key, arguments[0]['value'])}={_nested(item, arguments[1]['value'])}"
            for key, item in value.items()
        )
        return f"{{{', '.join(items)}}}"
    if kind == "row":
        items = (
            f"{name}={_nested(item, field)}"
            for item, (name, field) in zip(value, _row_fields(arguments), strict=True)
        )
        return f"{{{', '.join(items)}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind in ("real", "double"):
        # Text where it is no number: "NaN", "Infinity", "-Infinity".
        return value if isinstance(value, str) else double_text(float(value))
    return str(value)


def _row_fields(arguments: Sequence[Mapping[str, Any]]) -> list[tuple[str, Signature]]:
    """The names and types of a row's fields. Unnamed fields get a number."""
    fields = []
    for position, argument in enumerate(arguments):
        named = argument["value"]
        name = (named.get("fieldName") or {}).get("name") or f"field{position}"
        fields.append((name, named["typeSignature"]))
    return fields


def _nested(value: Any, signature: Signature) -> str:
    return "null" if value is None else _text(value, signature)
