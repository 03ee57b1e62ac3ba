"""The failures of statements, in Athena's words."""

from __future__ import annotations

import enum


class Category(enum.IntEnum):
    """`AthenaError.ErrorCategory` of the Athena API."""

    SYSTEM = 1
    USER = 2
    OTHER = 3


#: `AthenaError.ErrorType` by the error name at the beginning of a message, with the numbers of
#: https://docs.aws.amazon.com/athena/latest/ug/error-reference.html. A name that is missing there counts as a
#: general user error (1000).
_ERROR_TYPES = {
    "SYNTAX_ERROR": 1002,
    "TYPE_MISMATCH": 1002,
    "COLUMN_NOT_FOUND": 1002,
    "FUNCTION_NOT_FOUND": 1002,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1304,
    "DIVISION_BY_ZERO": 1000,
    "INVALID_CAST_ARGUMENT": 1000,
    "HIVE_BAD_DATA": 1100,
    "HIVE_PATH_ALREADY_EXISTS": 1100,
}


class StatementError(Exception):
    """A statement that Athena refuses or that fails while running. The message is the `StateChangeReason`."""

    def __init__(self, message: str, category: Category = Category.USER) -> None:
        super().__init__(message)
        self.message = message
        self.category = category

    @property
    def error_type(self) -> int:
        """`AthenaError.ErrorType`."""
        if self.category is Category.SYSTEM:
            return 0
        return _ERROR_TYPES.get(self.message.partition(":")[0], 1000)


class Cancelled(Exception):
    """The execution was stopped while its statement ran."""


def not_supported(what: str) -> StatementError:
    """The refusal of a feature that Athena may have and this implementation does not."""
    return StatementError(f"NOT_SUPPORTED: {what} is not supported by the local Athena")


def mismatch(place: str, text: str) -> StatementError:
    """The refusal of types that do not go together; `place` is `line:column`."""
    return StatementError(f"TYPE_MISMATCH: line {place}: {text}")


def unresolved(name: str, place: str) -> StatementError:
    """The refusal of a column that does not exist; `place` is `line:column`."""
    return StatementError(
        f"COLUMN_NOT_FOUND: line {place}: Column '{name}' cannot be resolved "
        "or requester is not authorized to access requested resources"
    )
