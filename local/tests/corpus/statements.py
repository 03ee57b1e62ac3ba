"""The corpus's statements by topic, and the files of their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlglot.tokenizer_core import TokenType

from tests.corpus import answers, blocks
from tests.corpus.answers import Answer
from twinlake_local.athena.tokens import tokenize

FOLDER = Path(__file__).parent
DIFFERENCES = FOLDER / "differences.txt"

_APPROXIMATE = "approximate"


@dataclass(frozen=True)
class Statement:
    """A statement of the corpus."""

    topic: str
    name: str
    sql: str
    #: Sums of doubles, whose last digits depend on the order of addition.
    approximate: bool

    @property
    def ordered(self) -> bool:
        """Reports whether the rows have an order: an ORDER BY outside of all parentheses."""
        depth = 0
        for token in tokenize(self.sql):
            depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
            if token.token_type is TokenType.ORDER_BY and depth == 0:
                return True
        return False


@dataclass(frozen=True)
class Difference:
    """A permitted answer of DuckDB's that differs, and the reason."""

    answer: Answer
    reason: str


def read_statements() -> list[Statement]:
    """All statements. Their names are unique."""
    found = [
        _statement(path.stem, block)
        for path in sorted((FOLDER / "statements").glob("*.sql"))
        for block in blocks.read(path)
    ]
    names = [statement.name for statement in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{FOLDER / 'statements'}: several statements are named {', '.join(twice)}")
    return found


def _statement(topic: str, block: blocks.Block) -> Statement:
    if block.mark not in ("", _APPROXIMATE) or not block.text.endswith(";"):
        raise ValueError(
            f"statements/{topic}.sql: {block.name} has an unknown mark, or does not end with ';'"
        )
    return Statement(topic, block.name, block.text.removesuffix(";"), block.mark == _APPROXIMATE)


def answers_file(topic: str) -> Path:
    """The file of the recorded answers to a topic's statements."""
    return FOLDER / "answers" / f"{topic}.txt"


def read_answers(topic: str) -> dict[str, Answer]:
    """The recorded answers by the names of their statements."""
    return {block.name: answers.parse(block.text) for block in blocks.read(answers_file(topic))}


def write_answers(topic: str, version: str, given: Mapping[str, Answer]) -> None:
    """Writes the answers to a topic's statements."""
    about = f"The answers of Trino {version}, written by local/tests/corpus/record."
    blocks.write(answers_file(topic), about, ((name, answers.spell(item)) for name, item in given.items()))


def read_differences() -> dict[str, Difference]:
    """The differences by the names of their statements."""
    return {
        block.name: Difference(answers.parse(block.text), block.note) for block in blocks.read(DIFFERENCES)
    }
