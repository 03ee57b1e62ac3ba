"""What the API needs of a query engine: `duckdb` is always there, `trino` on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twinlake_local.athena.types import Column

Row = Sequence["str | None"]


@dataclass(frozen=True)
class Session:
    """In which context a statement runs."""

    #: The query execution's id; `Engine.stop` takes it.
    execution: str
    #: The Glue database that unqualified names are looked up in.
    database: str


@dataclass(frozen=True)
class Unload:
    """`UNLOAD (query) TO location WITH (…)`, or the writing half of `CREATE TABLE AS`."""

    query: str
    #: `s3://bucket/prefix/`, found empty before the engine is asked.
    location: str
    #: SNAPPY, ZSTD, GZIP or NONE.
    compression: str
    #: Columns, the query's last ones, whose values become `key=value` folders.
    partitioned_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selected:
    """What a query gave."""

    columns: list[Column]
    #: Values as Athena prints them, None for NULL.
    rows: list[Row]
    scanned_bytes: int


@dataclass(frozen=True)
class Unloaded:
    """What an `Unload` wrote."""

    rows: int
    #: `s3://` addresses of the files, none for no rows.
    files: list[str]
    scanned_bytes: int


class Engine(Protocol):
    """Runs queries of Athena's SQL over the Glue catalog.

    Every method raises `StatementError` with Athena's text for a statement that is refused or fails, and
    `Cancelled` when `stop` was called for its execution. Methods are called from several threads at once.
    """

    #: `duckdb` or `trino`.
    name: str

    @property
    def version(self) -> str | None:
        """The engine's own version; None while it does not answer."""

    @property
    def failure(self) -> str | None:
        """Why it will not answer, if that is so."""

    def select(self, query: str, session: Session) -> Selected:
        """Runs a SELECT, WITH or VALUES."""

    def unload(self, unload: Unload, session: Session) -> Unloaded:
        """Writes a query's rows as Parquet."""

    def columns(self, query: str, session: Session) -> list[Column]:
        """The columns that a query would give, without running it."""

    def stop(self, execution: str) -> None:
        """Stops the statement of an execution; it need not be running."""
