"""The corpus: Trino still answers as recorded, DuckDB answers the same but for the differences that are listed."""

from __future__ import annotations

from typing import Any

import pytest
from corpus import asking, statements, tables
from corpus.answers import Answer, agree, same
from corpus.statements import Statement

STATEMENTS = statements.read_statements()
RECORDED = {
    name: answer
    for topic in dict.fromkeys(statement.topic for statement in STATEMENTS)
    for name, answer in statements.read_answers(topic).items()
}
DIFFERENCES = statements.read_differences()


@pytest.fixture(scope="session")
def given(athena_aws: Any, request: pytest.FixtureRequest) -> dict[str, Answer]:
    """What the engine answers to the statements of the tests that run."""
    callspecs = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = {spec.params["statement"] for spec in callspecs if spec and "statement" in spec.params}
    return asking.ask_all(tables.create(athena_aws), [item for item in STATEMENTS if item in chosen])


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: f"{statement.topic}/{statement.name}")
def test_statement(given: dict[str, Answer], engine: str, statement: Statement) -> None:
    answer, recorded = given[statement.name], RECORDED[statement.name]
    if engine == "trino":
        assert same(answer, recorded, approximate=statement.approximate), statement.sql
        return
    listed = DIFFERENCES.get(statement.name)
    alike = agree(answer, recorded, approximate=statement.approximate)
    if listed is None:
        assert alike, f"{statement.sql}\nTrino: {recorded}\nDuckDB: {answer}"
    else:
        assert not alike, f"{statement.name} differs no more: take it out of {statements.DIFFERENCES.name}"
        assert same(answer, listed.answer, approximate=statement.approximate), statement.sql


def test_every_statement_has_an_answer_and_no_other() -> None:
    assert set(RECORDED) == {statement.name for statement in STATEMENTS}


def test_every_difference_is_one_of_a_statement_and_has_a_reason() -> None:
    assert set(DIFFERENCES) <= {statement.name for statement in STATEMENTS}
    assert all(difference.reason for difference in DIFFERENCES.values())
