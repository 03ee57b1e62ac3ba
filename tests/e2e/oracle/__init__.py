"""The right answers of the views: DuckDB over the events sent, with SQL written by hand.

No code and no statement of Twinlake's takes part. Each pipeline has a module here; this one compares its
answers with those of Athena.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import duckdb
import pyarrow as pa

Row = dict[str, Any]
Answers = dict[str, list[Row]]
"""The rows of each view."""
Event = TypeVar("Event")

TIMESTAMP = "strftime({}, '%Y-%m-%d %H:%M:%S.%g')"
"""A moment in DuckDB's SQL, as Athena prints it."""

_ARROW: dict[str, pa.DataType] = {
    "str": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
}
_VALUES: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": {"false": False, "true": True}.__getitem__,
}
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class View:
    """The columns of a view, the keys of its rows, and the sum of its layers."""

    columns: Mapping[str, str]
    """Names and kinds, in their order. The kinds are str, int, float and bool."""
    keys: tuple[str, ...]
    """The columns that identify a row; none if rows may repeat."""
    sum: str
    """DuckDB's statement over the table `parts`, the rows of both layers, for their common answer."""
    computed: frozenset[str] = frozenset()
    """Columns that engines may compute in another order. All others must be equal to the last bit."""

    def typed(self, row: Mapping[str, str | None]) -> Row:
        """Converts a row of Athena's texts to values."""
        assert list(row) == list(self.columns), f"the columns are {list(row)}"
        return {
            name: None if text is None else _VALUES[self.columns[name]](text) for name, text in row.items()
        }

    def sum_of_parts(self, parts: Iterable[Row]) -> list[Row]:
        """The sum of the rows of both layers."""
        schema = pa.schema([(name, _ARROW[kind]) for name, kind in self.columns.items()])
        with duckdb.connect() as connection:
            connection.register("parts", pa.Table.from_pylist(list(parts), schema))
            return rows(connection, self.sum)

    def differences(self, expected: list[Row], found: list[Row]) -> list[str]:
        """The differences, row by row; none if the answers are the same."""
        return self._by_key(expected, found) if self.keys else self._by_number(expected, found)

    def _by_key(self, expected: list[Row], found: list[Row]) -> list[str]:
        wanted, answered = self._keyed(expected), self._keyed(found)
        differences = [f"{key} is missing" for key in _in_order(wanted.keys() - answered.keys())]
        differences += [f"{key} is too many" for key in _in_order(answered.keys() - wanted.keys())]
        # A key repeats where one event was sent several times.
        wanted_times, times = Counter(map(self._key, expected)), Counter(map(self._key, found))
        for key in _in_order(wanted.keys() & answered.keys()):
            if times[key] != wanted_times[key]:
                differences.append(f"{key}: {wanted_times[key]} times expected, {times[key]} times found")
            for column in self.columns:
                one, other = wanted[key][column], answered[key][column]
                close = column in self.computed and None not in (one, other)
                if not (math.isclose(one, other, rel_tol=_TOLERANCE) if close else one == other):
                    differences.append(f"{key} {column}: {one!r} expected, {other!r} found")
        return differences

    def _by_number(self, expected: list[Row], found: list[Row]) -> list[str]:
        """Compares the number of occurrences of rows that may repeat."""
        wanted, answered = Counter(map(self._values, expected)), Counter(map(self._values, found))
        return [
            f"{row}: {wanted[row]} times expected, {answered[row]} times found"
            for row in _in_order(wanted.keys() | answered.keys())
            if wanted[row] != answered[row]
        ]

    def _keyed(self, found: list[Row]) -> dict[tuple[Any, ...], Row]:
        return {self._key(row): row for row in found}

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.keys)

    def _values(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.columns)


class Oracle(ABC, Generic[Event]):
    """The right answers of one pipeline's views."""

    pipeline: ClassVar[str]
    views: ClassVar[Mapping[str, View]]
    counting: ClassVar[tuple[str, str]]
    """A view in which every event counts, and the column with the count."""

    @abstractmethod
    def answers(self, events: Iterable[Event]) -> Answers:
        """The right answer of each view after these events."""

    @abstractmethod
    def answers_over(self, files: Sequence[Path]) -> Answers:
        """The right answer of each view after the events in files."""

    def typed(self, answers: Mapping[str, Iterable[Mapping[str, str | None]]]) -> Answers:
        """Converts Athena's texts to values."""
        return {view: [self.views[view].typed(row) for row in found] for view, found in answers.items()}

    def sum_of_parts(self, parts: Sequence[Answers]) -> Answers:
        """The sum of the answers of both layers."""
        return {
            name: view.sum_of_parts(row for answers in parts for row in answers[name])
            for name, view in self.views.items()
        }

    def differences(self, expected: Answers, found: Answers) -> list[str]:
        """The differences in all views."""
        return [
            f"{name}: {difference}"
            for name, view in self.views.items()
            for difference in view.differences(expected[name], found[name])
        ]


def rows(connection: duckdb.DuckDBPyConnection, statement: str) -> list[Row]:
    """The answer of DuckDB."""
    found: list[Row] = connection.sql(statement).to_arrow_table().to_pylist()
    return found


def _in_order(keys: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(keys, key=repr)
