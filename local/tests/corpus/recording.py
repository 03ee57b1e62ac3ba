"""Records Trino's answers to the corpus's statements: `local/tests/corpus/record`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

from tests.athena_lake import Lake
from tests.corpus import asking, statements, tables
from tests.corpus.answers import Answer, same
from tests.corpus.statements import Statement
from tests.local_aws import TrinoUnavailable, running


def main() -> int:
    """Runs all statements on Trino. A file changes only where an answer has changed."""
    with tempfile.TemporaryDirectory() as directory:
        server = running(Path(directory), "trino")
        try:
            local = next(server)
        except TrinoUnavailable as unavailable:
            print(unavailable, file=sys.stderr)
            return 1
        try:
            version = local.steer("GET", "athena")["version"]
            print(f"Asking Trino {version} …")
            changed = record(tables.create(local), version)
        finally:
            next(server, None)
    print("\n".join(changed) if changed else "No answer has changed.")
    return 0


def record(lake: Lake, version: str) -> list[str]:
    """Writes the answers; returns the changes, a line for each statement."""
    asked = statements.read_statements()
    given = asking.ask_all(lake, asked)
    changed = []
    for topic, items in groupby(asked, key=lambda statement: statement.topic):
        of_topic = list(items)
        before = statements.read_answers(topic)
        now = {statement.name: _kept(statement, before, given) for statement in of_topic}
        statements.write_answers(topic, version, now)
        changed += [
            f"changed: {topic}/{name}" for name in now if name in before and now[name] != before[name]
        ]
        changed += [f"new: {topic}/{name}" for name in now if name not in before]
        changed += [f"gone: {topic}/{name}" for name in before if name not in now]
    return changed + _drop_topics_without(asked)


def _kept(statement: Statement, before: Mapping[str, Answer], given: Mapping[str, Answer]) -> Answer:
    """The new answer, or the recorded one if they differ only in the last digits of sums."""
    recorded, answer = before.get(statement.name), given[statement.name]
    if recorded is not None and same(recorded, answer, approximate=statement.approximate):
        return recorded
    return answer


def _drop_topics_without(asked: Iterable[Statement]) -> list[str]:
    topics = {statement.topic for statement in asked}
    gone = [path for path in statements.answers_file("any").parent.glob("*.txt") if path.stem not in topics]
    for path in gone:
        path.unlink()
    return [f"gone: {path.stem}" for path in gone]


if __name__ == "__main__":
    sys.exit(main())
