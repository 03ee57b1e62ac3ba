"""The expressions of GetPartitions."""

from __future__ import annotations

import pytest

from twinlake_local.partition_expression import InvalidExpression, PartitionExpression

KEYS = [{"Name": "day", "Type": "string"}, {"Name": "run", "Type": "int"}]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("day = '20'", True),
        ("day = 20", True),
        ("day <> '20'", False),
        ("day > '19' AND day < '21'", True),
        ("run > 9", True),
        ("run > '9'", True),
        ("run = 10 OR day = '1'", True),
        ("NOT run = 10", False),
        ("run IN (1, 10)", True),
        ("run NOT IN (1, 10)", False),
        ("day IN ('1', '2')", False),
        ("run BETWEEN 2 AND 11", True),
        ("day LIKE '2_'", True),
        ("day LIKE '%1'", False),
        ("(day = '1' OR run >= 10) AND RUN <= 10", True),
        ("run > -1", True),
    ],
)
def test_expression(expression: str, expected: bool) -> None:
    assert PartitionExpression(expression, KEYS).matches(["20", "10"]) is expected


@pytest.mark.parametrize("expression", ["month = '1'", "day =", "run = 'x'", "upper(day) = '1'"])
def test_invalid(expression: str) -> None:
    with pytest.raises(InvalidExpression):
        PartitionExpression(expression, KEYS).matches(["20", "10"])
