"""The comparison of an engine's answers with Trino's recorded ones."""

from __future__ import annotations

from tests.corpus.answers import Answer, Refusal, same, spell
from tests.corpus.statements import Difference

_WORDED = {
    *("CATALOG_NOT_FOUND", "SCHEMA_NOT_FOUND", "TABLE_NOT_FOUND", "COLUMN_NOT_FOUND", "FUNCTION_NOT_FOUND"),
    *("AMBIGUOUS_NAME", "TYPE_MISMATCH", "INVALID_COLUMN_REFERENCE", "DIVISION_BY_ZERO"),
}
"""The refusals of names and types, whose message and place must agree: people correct statements by them."""


def objection_to_trino(answer: Answer, recorded: Answer, approximate: bool) -> str | None:
    """The objection to an answer of Trino's that is not the recorded one."""
    return None if same(answer, recorded, approximate=approximate) else _both(answer, recorded)


def objection(answer: Answer, recorded: Answer, listed: Difference | None, approximate: bool) -> str | None:
    """The objection to another engine's answer that equals neither Trino's nor the listed difference."""
    alike = agree(answer, recorded, approximate)
    if listed is None:
        return None if alike else _both(answer, recorded)
    if alike:
        return "It differs no more: take it out of the list of differences."
    if agree(answer, listed.answer, approximate):
        return None
    return f"It differs from Trino's answer and from the listed one.\n{_both(answer, listed.answer)}"


def agree(answer: Answer, expected: Answer, approximate: bool) -> bool:
    """Reports whether two answers mean the same.

    Rows, names and types of columns must be equal. Refusals must have the same error name; those of names and
    types also the same message and place, without the list of what Trino would have expected.
    """
    if isinstance(answer, Refusal) and isinstance(expected, Refusal):
        if expected.error in _WORDED:
            return answer.message == expected.message.partition(". Expected: ")[0]
        return answer.error == expected.error
    return same(answer, expected, approximate=approximate)


def _both(answer: Answer, expected: Answer) -> str:
    return f"expected:\n{spell(expected)}\nanswered:\n{spell(answer)}"
