"""Athena's statements as values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Name:
    """The name of a table or view. The database is None for an unqualified name."""

    database: str | None
    table: str


@dataclass(frozen=True)
class Select:
    """SELECT, WITH, VALUES."""

    query: str


@dataclass(frozen=True)
class UnloadTo:
    """UNLOAD (query) TO location WITH (properties)."""

    query: str
    location: str
    properties: dict[str, str | list[str]]


@dataclass(frozen=True)
class CreateTableAs:
    """CREATE TABLE name WITH (properties) AS query."""

    name: Name
    query: str
    properties: dict[str, str | list[str]]
    if_not_exists: bool = False
    with_data: bool = True


@dataclass(frozen=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW name AS query."""

    name: Name
    query: str
    replace: bool


@dataclass(frozen=True)
class DropView:
    """DROP VIEW [IF EXISTS] name."""

    name: Name
    if_exists: bool


@dataclass(frozen=True)
class Show:
    """SHOW TABLES, DATABASES, PARTITIONS, COLUMNS, VIEWS, CREATE VIEW, CREATE TABLE; DESCRIBE."""

    what: str
    database: str | None = None
    table: Name | None = None
    pattern: str | None = None


@dataclass(frozen=True)
class HiveDdl:
    """CREATE EXTERNAL TABLE and DROP TABLE, which the emulator's own parser reads."""

    text: str


@dataclass(frozen=True)
class CreateDatabase:
    """CREATE DATABASE|SCHEMA [IF NOT EXISTS] name."""

    database: str
    if_not_exists: bool


@dataclass(frozen=True)
class DropDatabase:
    """DROP DATABASE|SCHEMA [IF EXISTS] name [CASCADE]."""

    database: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True)
class AlterPartitions:
    """ALTER TABLE name ADD|DROP PARTITION (…) [LOCATION …] …."""

    name: Name
    add: bool
    #: An existing partition (ADD) or a missing one (DROP) is no error.
    tolerant: bool
    partitions: list[tuple[dict[str, str], str | None]] = field(default_factory=list)


@dataclass(frozen=True)
class RepairTable:
    """MSCK REPAIR TABLE name."""

    name: Name


@dataclass(frozen=True)
class Execute:
    """EXECUTE name [USING value, …] of a prepared statement."""

    name: str
    values: list[str]


Statement = (
    Select
    | UnloadTo
    | CreateTableAs
    | CreateView
    | DropView
    | Show
    | HiveDdl
    | CreateDatabase
    | DropDatabase
    | AlterPartitions
    | RepairTable
    | Execute
)

_DDL = (
    CreateTableAs,
    CreateView,
    DropView,
    HiveDdl,
    CreateDatabase,
    DropDatabase,
    AlterPartitions,
    RepairTable,
)


def statement_type(statement: Statement | None) -> str:
    """`QueryExecution.StatementType`."""
    if isinstance(statement, Show):
        return "UTILITY"
    return "DDL" if isinstance(statement, _DDL) else "DML"


def substatement_type(statement: Statement | None) -> str:
    """`QueryExecution.SubstatementType`."""
    names = {
        Select: "SELECT",
        UnloadTo: "UNLOAD",
        CreateTableAs: "CREATE_TABLE_AS_SELECT",
        CreateView: "CREATE_VIEW",
        DropView: "DROP_VIEW",
        CreateDatabase: "CREATE_DATABASE",
        DropDatabase: "DROP_DATABASE",
        AlterPartitions: "ALTER_TABLE_ADD_PARTITION",
        RepairTable: "MSCK_REPAIR_TABLE",
        Execute: "EXECUTE",
    }
    if isinstance(statement, AlterPartitions) and not statement.add:
        return "ALTER_TABLE_DROP_PARTITION"
    if isinstance(statement, Show):
        return statement.what
    if isinstance(statement, HiveDdl):
        return "DROP_TABLE" if statement.text.lstrip()[:4].upper() == "DROP" else "CREATE_TABLE"
    return names.get(type(statement), "")
