"""The interface between Athena's API and a query engine: `duckdb` by default, `trino` on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twinlake_local.athena.types import Column

Row = Sequence["str | None"]


@dataclass(frozen=True)
class Session:
    """The context of a statement."""

    #: The id of the query execution, for `Engine.stop`.
    execution: str
    #: The Glue database of unqualified names.
    database: str


@dataclass(frozen=True)
class Unload:
    """`UNLOAD (query) TO location WITH (…)`, or the writing half of `CREATE TABLE AS`."""

    query: str
    #: `s3://bucket/prefix/`; empty when the engine is called.
    location: str
    #: SNAPPY, ZSTD, GZIP or NONE.
    compression: str
    #: The query's last columns, whose values become `key=value` folders.
    partitioned_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selected:
    """The result of a query."""

    columns: list[Column]
    #: Values as Athena prints them; None is NULL.
    rows: list[Row]
    scanned_bytes: int


@dataclass(frozen=True)
class Unloaded:
    """The result of an `Unload`."""

    rows: int
    #: `s3://` addresses of the files; none for no rows.
    files: list[str]
    scanned_bytes: int


class Engine(Protocol):
    """Runs queries in Athena's SQL over the Glue catalog.

    Every method raises `StatementError` with Athena's message for a refused or failed statement, and
    `Cancelled` after `stop` for its execution. Methods are called from several threads at once.
    """

    #: `duckdb` or `trino`.
    name: str

    @property
    def version(self) -> str | None:
        """The engine's own version; None while it does not answer."""

    @property
    def failure(self) -> str | None:
        """The reason why the engine will not answer any more, if it has failed."""

    def select(self, query: str, session: Session) -> Selected:
        """Runs a SELECT, WITH or VALUES."""

    def unload(self, unload: Unload, session: Session) -> Unloaded:
        """Writes the rows of a query as Parquet."""

    def columns(self, query: str, session: Session) -> list[Column]:
        """The columns of a query's result, without running it."""

    def stop(self, execution: str) -> None:
        """Stops the statement of an execution, whether it runs or not."""
