"""The corpus: Trino answers as recorded, DuckDB too, apart from the listed differences."""

from __future__ import annotations

import pytest

from tests.corpus import asking, statements, tables
from tests.corpus.agreement import objection, objection_to_trino
from tests.corpus.answers import Answer, Refusal, Rows
from tests.corpus.statements import Difference, Statement
from tests.local_aws import LocalAws

STATEMENTS = statements.read_statements()
RECORDED = {
    name: answer
    for topic in dict.fromkeys(statement.topic for statement in STATEMENTS)
    for name, answer in statements.read_answers(topic).items()
}
DIFFERENCES = statements.read_differences()


@pytest.fixture(scope="session")
def given(athena_aws: LocalAws, request: pytest.FixtureRequest) -> dict[str, Answer]:
    """The engine's answers to the statements of the selected tests."""
    callspecs = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = [spec.params.get("statement") for spec in callspecs if spec is not None]
    return asking.ask_all(tables.create(athena_aws), [item for item in STATEMENTS if item in chosen])


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: f"{statement.topic}/{statement.name}")
def test_statement(given: dict[str, Answer], engine: str, statement: Statement) -> None:
    answer, recorded = given[statement.name], RECORDED[statement.name]
    if engine == "trino":
        wrong = objection_to_trino(answer, recorded, statement.approximate)
    else:
        wrong = objection(answer, recorded, DIFFERENCES.get(statement.name), statement.approximate)
    assert wrong is None, f"{statement.sql}\n{wrong}"


def test_every_statement_has_an_answer_and_no_other() -> None:
    assert set(RECORDED) == {statement.name for statement in STATEMENTS}


def test_every_difference_is_one_of_a_statement_and_has_a_reason() -> None:
    assert set(DIFFERENCES) <= {statement.name for statement in STATEMENTS}
    assert all(difference.reason for difference in DIFFERENCES.values())


ONE = Rows(("x double",), (("1.0",),))
NEARLY_ONE = Rows(("x double",), (("1.0000000000001",),))
OTHER_TYPE = Rows(("x bigint",), (("1.0",),))
UNKNOWN = Refusal(
    "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (date) for function f. Expected: f(double)"
)
SAME_WITHOUT_LIST = Refusal("FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (date) for function f")
ELSEWHERE = Refusal("FUNCTION_NOT_FOUND: line 1:9: Unexpected parameters (date) for function f")
SYNTAX = Refusal("SYNTAX_ERROR: line 1:1: one")
OTHER_SYNTAX = Refusal("SYNTAX_ERROR: line 2:2: other")


@pytest.mark.parametrize(
    ("answer", "recorded", "listed", "stands"),
    [
        (ONE, ONE, None, True),
        (NEARLY_ONE, ONE, None, False),
        (OTHER_TYPE, ONE, None, False),
        (ONE, SYNTAX, None, False),
        (SYNTAX, ONE, None, False),
        (OTHER_SYNTAX, SYNTAX, None, True),
        (SAME_WITHOUT_LIST, UNKNOWN, None, True),
        (ELSEWHERE, UNKNOWN, None, False),
        (SYNTAX, UNKNOWN, None, False),
        (SYNTAX, ONE, SYNTAX, True),
        (OTHER_TYPE, ONE, SYNTAX, False),
        (ONE, ONE, SYNTAX, False),
    ],
)
def test_agreement_of_answers(answer: Answer, recorded: Answer, listed: Answer | None, stands: bool) -> None:
    difference = Difference(listed, "a reason") if listed else None
    assert (objection(answer, recorded, difference, approximate=False) is None) == stands


def test_sums_of_doubles_may_differ_in_their_last_digits() -> None:
    assert objection(NEARLY_ONE, ONE, None, approximate=True) is None
    assert objection_to_trino(NEARLY_ONE, ONE, approximate=True) is None
    assert objection_to_trino(NEARLY_ONE, ONE, approximate=False)
