"""The partitions that a query reads: registered ones, or those computed by partition projection."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterator, Sequence

import duckdb
from sqlglot import exp

from twinlake_local.athena import catalog, types
from twinlake_local.athena.catalog import Partition, Table
from twinlake_local.athena.duckdb import analysis, parquet
from twinlake_local.athena.duckdb.analysis import Relation, TableName
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.types import Column

_MAX_PROJECTED = 1_000_000


def selected(
    table: Table, conditions: Sequence[exp.Expr], connection: duckdb.DuckDBPyConnection
) -> list[Partition]:
    """The partitions that can hold rows for a query with these conditions on the table."""
    names = {key.name for key in table.keys}
    relevant = [
        condition
        for condition in conditions
        if {column.name.lower() for column in condition.find_all(exp.Column)} <= names
    ]
    if str(table.parameters.get("projection.enabled", "")).lower() == "true":
        return _projected(table, relevant, connection)
    found = catalog.partitions(table)
    kept = _matching([partition.values for partition in found], table.keys, relevant, connection)
    return [found[index] for index in kept]


def _matching(
    rows: Sequence[tuple[str | None, ...]],
    keys: Sequence[Column],
    conditions: Sequence[exp.Expr],
    connection: duckdb.DuckDBPyConnection,
) -> list[int]:
    """The indexes of the key values that fulfil the conditions."""
    if not conditions or not rows:
        return list(range(len(rows)))
    query = exp.select("_row").from_("keys").where(*(_bare(condition) for condition in conditions))
    values = ", ".join(
        f"({index}, {', '.join('NULL' if value is None else parquet.literal(value) for value in row)})"
        for index, row in enumerate(rows)
    )
    items = ", ".join(
        f"CAST({parquet.quoted(key.name)} AS {types.duckdb(types.parse(key.type))}) "
        f"AS {parquet.quoted(key.name)}"
        for key in keys
    )
    names = ", ".join(parquet.quoted(key.name) for key in keys)
    relation = Relation("_keys", [Column("_row", "bigint"), *keys])

    def resolve(name: TableName, found: list[exp.Expr]) -> Relation:
        return relation

    try:
        compiled = analysis.compile_query(query, "", resolve)
        source = f"SELECT _row, {items} FROM (VALUES {values}) v (_row, {names})"
        rows_found = connection.execute(f"WITH _keys AS ({source}) {compiled.sql}").fetchall()
    except (StatementError, duckdb.Error):
        # Pruning is optional; an invalid condition fails with the statement itself.
        return list(range(len(rows)))
    return sorted(row[0] for row in rows_found)


def _bare(condition: exp.Expr) -> exp.Expr:
    """A condition whose columns have no table qualifier."""
    bare = condition.copy()
    for column in bare.find_all(exp.Column):
        for part in ("table", "db", "catalog"):
            column.set(part, None)
    return bare


def _projected(
    table: Table, conditions: Sequence[exp.Expr], connection: duckdb.DuckDBPyConnection
) -> list[Partition]:
    """Partition projection: https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html."""
    choices = []
    for key in table.keys:
        alone = [
            c for c in conditions if {column.name.lower() for column in c.find_all(exp.Column)} == {key.name}
        ]
        values = list(_projected_values(table, key, alone))
        kept = _matching([(value,) for value in values], [key], alone, connection)
        choices.append([values[index] for index in kept])
    count = 1
    for values in choices:
        count *= len(values)
    if count > _MAX_PROJECTED:
        raise StatementError(f"CONSTRAINT_VIOLATION: The query would read {count} projected partitions")
    rows = list(itertools.product(*choices))
    template = table.parameters.get("storage.location.template")
    return [
        Partition(rows[index], _projected_location(table, rows[index], template))
        for index in _matching(rows, table.keys, conditions, connection)
    ]


def _projected_location(table: Table, values: tuple[str, ...], template: str | None) -> str:
    if not template:
        return catalog.default_location(table, values)
    by_name = {key.name: value for key, value in zip(table.keys, values, strict=True)}
    return re.sub(r"\$\{(\w+)\}", lambda match: by_name.get(match[1].lower(), match[0]), template)


def _projected_values(table: Table, key: Column, conditions: Sequence[exp.Expr]) -> Iterator[str]:
    def setting(name: str, default: str | None = None) -> str:
        value = table.parameters.get(f"projection.{key.name}.{name}", default)
        if value is None:
            raise StatementError(
                f"INVALID_TABLE_PROPERTY: Table {table.full_name}: "
                f"property projection.{key.name}.{name} is missing"
            )
        return str(value)

    kind = setting("type").lower()
    if kind == "enum":
        return iter(value.strip() for value in setting("values").split(","))
    if kind == "integer":
        low, high = (int(bound) for bound in setting("range").split(","))
        digits = int(setting("digits", "0"))
        return (str(value).zfill(digits) for value in range(low, high + 1, int(setting("interval", "1"))))
    if kind == "date":
        return _projected_dates(setting("range"), setting("format"), setting("interval", "1"), setting)
    if kind == "injected":
        return iter(_injected_values(key, conditions))
    raise StatementError(f"INVALID_TABLE_PROPERTY: Unknown projection type '{kind}' of column {key.name}")


def _injected_values(key: Column, conditions: Sequence[exp.Expr]) -> list[str]:
    for condition in conditions:
        if isinstance(condition, exp.EQ):
            sides = [side for side in (condition.left, condition.right) if isinstance(side, exp.Literal)]
            if len(sides) == 1:
                return [sides[0].name]
        if isinstance(condition, exp.In) and all(
            isinstance(item, exp.Literal) for item in condition.expressions
        ):
            return [item.name for item in condition.expressions]
    raise StatementError(
        f"CONSTRAINT_VIOLATION: For the injected projected partition column {key.name}, the WHERE clause "
        "must contain only static equality conditions, and at least one such condition must be present."
    )


_JAVA_LETTERS = (
    ("yyyy", "%Y"), ("yy", "%y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"),
)  # fmt: skip
_UNITS = {
    "YEAR": 365 * 86400,
    "MONTH": 31 * 86400,
    "WEEK": 7 * 86400,
    "DAY": 86400,
    "HOUR": 3600,
    "MINUTE": 60,
}


def _projected_dates(
    bounds: str, pattern: str, interval: str, setting: Callable[[str, str], str]
) -> Iterator[str]:
    form = pattern.replace("'", "")
    for letters, directive in _JAVA_LETTERS:
        form = form.replace(letters, directive)
    low, high = (_date_bound(bound.strip(), form) for bound in bounds.split(","))
    finest = next(
        (
            unit
            for unit, mark in (("MINUTE", "%M"), ("HOUR", "%H"), ("DAY", "%d"), ("MONTH", "%m"))
            if mark in form
        ),
        "YEAR",
    )
    unit = setting("interval.unit", finest).upper().rstrip("S")
    if unit not in _UNITS:
        raise StatementError(f"INVALID_TABLE_PROPERTY: Unknown interval unit '{unit}' of a projected date")
    previous = None
    current = low
    while current <= high:
        text = current.strftime(form)
        if text != previous:
            yield text
        previous = text
        current = _step(current, unit, int(interval))


def _step(moment: datetime.datetime, unit: str, count: int) -> datetime.datetime:
    if unit in ("MONTH", "YEAR"):
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEAR" else 1)
        return moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    return moment + datetime.timedelta(seconds=_UNITS[unit] * count)


def _date_bound(text: str, form: str) -> datetime.datetime:
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)
    relative = re.fullmatch(r"NOW(?:\s*([+-])\s*(\d+)\s*([A-Z]+?)S?)?", text.upper())
    if relative is None:
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError as error:
            raise StatementError(
                f"INVALID_TABLE_PROPERTY: '{text}' is no date of a projection's range"
            ) from error
    if relative[1] is None:
        return now
    if relative[3] not in _UNITS:
        raise StatementError(f"INVALID_TABLE_PROPERTY: '{text}' is no date of a projection's range")
    return _step(now, relative[3], int(relative[1] + relative[2]))
