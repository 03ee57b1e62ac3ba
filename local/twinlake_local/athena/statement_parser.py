"""Parses a statement's kind. An unknown statement is refused and never passed to an engine."""

from __future__ import annotations

import re

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.statements import (
    AlterPartitions,
    CreateDatabase,
    CreateTableAs,
    CreateView,
    DropDatabase,
    DropView,
    Execute,
    HiveDdl,
    Name,
    RepairTable,
    Select,
    Show,
    Statement,
    UnloadTo,
)
from twinlake_local.athena.tokens import tokenize


def parse(text: str) -> Statement:
    """Parses a statement; raises `StatementError` for a malformed or unsupported one."""
    return _Reader(text).statement()


def substitute(text: str, parameters: list[str]) -> str:
    """Replaces the question marks of a statement by values."""
    marks = [token for token in _tokens(text) if token.token_type is TokenType.PLACEHOLDER]
    if len(marks) != len(parameters):
        raise StatementError(
            f"SYNTAX_ERROR: line 1:1: Incorrect number of parameters: expected {len(marks)} "
            f"but found {len(parameters)}"
        )
    for mark, value in reversed(list(zip(marks, parameters, strict=True))):
        text = f"{text[: mark.start]}{value}{text[mark.end + 1 :]}"
    return text


def _tokens(text: str) -> list[Token]:
    try:
        return tokenize(text)
    except TokenError as error:
        raise StatementError(f"SYNTAX_ERROR: line 1:1: {error}") from error


class _Reader:
    """Parses the words that introduce a statement; its queries stay text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        if self._tokens and self._tokens[-1].token_type is TokenType.SEMICOLON:
            self._tokens.pop()
        if any(token.token_type is TokenType.SEMICOLON for token in self._tokens):
            raise StatementError(f"Only one sql statement is allowed. Got: {text}")
        self._index = 0

    def statement(self) -> Statement:
        if not self._tokens:
            raise StatementError("SYNTAX_ERROR: line 1:1: mismatched input '<EOF>'. Expecting: <query>")
        if self._at("SELECT", "WITH", "VALUES", "(", "TABLE"):
            return Select(self._rest())
        if self._take("UNLOAD"):
            return self._unload()
        if self._take("EXECUTE"):
            return self._execute()
        if self._take("CREATE"):
            return self._create()
        if self._take("DROP"):
            return self._drop()
        if self._take("ALTER", "TABLE"):
            return self._alter()
        if self._take("MSCK", "REPAIR", "TABLE"):
            return self._ended(RepairTable(self._name()))
        if self._take("SHOW"):
            return self._show()
        if self._take("DESCRIBE") or self._take("DESC"):
            if not self._take("FORMATTED"):
                self._take("EXTENDED")
            return self._ended(Show("DESCRIBE", table=self._name()))
        word = self._word()
        if word in _UNSUPPORTED:
            raise not_supported(word)
        raise self._unexpected()

    def _at(self, *words: str) -> bool:
        return self._word() in words

    def _word(self, ahead: int = 0) -> str:
        index = self._index + ahead
        return self._tokens[index].text.upper() if index < len(self._tokens) else ""

    def _take(self, *words: str) -> bool:
        # The tokenizer makes one token of some pairs of words.
        spelled = [part for offset in range(len(words)) for part in self._word(offset).split()]
        if spelled[: len(words)] != list(words):
            return False
        remaining = len(words)
        while remaining > 0:
            remaining -= len(self._word().split())
            self._index += 1
        return True

    def _expect(self, *words: str) -> None:
        if not self._take(*words):
            raise self._unexpected()

    def _unexpected(self) -> StatementError:
        if self._index >= len(self._tokens):
            line, column, found = 1, max(1, len(self._text)), "<EOF>"
        else:
            token = self._tokens[self._index]
            line, column, found = token.line, token.col - (token.end - token.start), token.text
        return StatementError(f"SYNTAX_ERROR: line {line}:{column}: mismatched input '{found}'")

    def _ended(self, statement: Statement) -> Statement:
        if self._index < len(self._tokens):
            raise self._unexpected()
        return statement

    def _rest(self) -> str:
        """The text from here to the end, without a semicolon."""
        if self._index >= len(self._tokens):
            raise self._unexpected()
        return self._text[self._tokens[self._index].start : self._tokens[-1].end + 1]

    def _group(self) -> str:
        """The text inside the parentheses that begin here."""
        self._expect("(")
        first, depth = self._index, 1
        while self._index < len(self._tokens):
            kind = self._tokens[self._index].token_type
            depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
            self._index += 1
            if depth == 0:
                return self._text[self._tokens[first].start : self._tokens[self._index - 2].end + 1]
        raise self._unexpected()

    def _identifier(self) -> str:
        if self._index >= len(self._tokens) or not re.match(r"[\w$-]", self._word()[:1] or " "):
            raise self._unexpected()
        text = self._tokens[self._index].text
        self._index += 1
        return text.lower()

    def _name(self) -> Name:
        parts = [self._identifier()]
        while self._take("."):
            parts.append(self._identifier())
        return Name(parts[-2] if len(parts) > 1 else None, parts[-1])

    def _string(self) -> str:
        if self._index >= len(self._tokens) or self._tokens[self._index].token_type is not TokenType.STRING:
            raise self._unexpected()
        self._index += 1
        return self._tokens[self._index - 1].text

    def _properties(self) -> dict[str, str | list[str]]:
        """`( name = value, … )`; a value is a string, a word or ARRAY['…', …]."""
        self._expect("(")
        found: dict[str, str | list[str]] = {}
        while True:
            name = self._identifier()
            self._expect("=")
            if self._take("ARRAY", "["):
                values = [self._string()]
                while self._take(","):
                    values.append(self._string())
                self._expect("]")
                found[name] = values
            else:
                found[name] = self._tokens[self._index].text
                self._index += 1
            if not self._take(","):
                break
        self._expect(")")
        return found

    def _unload(self) -> Statement:
        query = self._group()
        self._expect("TO")
        location = self._string()
        properties = self._properties() if self._take("WITH") else {}
        return self._ended(UnloadTo(query, location, properties))

    def _execute(self) -> Statement:
        name = self._identifier()
        if not self._take("USING"):
            return self._ended(Execute(name, []))
        values, start, depth = [], self._index, 0
        for index in range(self._index, len(self._tokens) + 1):
            kind = self._tokens[index].token_type if index < len(self._tokens) else None
            if kind is None or (kind is TokenType.COMMA and depth == 0):
                if index == start:
                    raise self._unexpected()
                values.append(self._text[self._tokens[start].start : self._tokens[index - 1].end + 1])
                start = index + 1
            depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        return Execute(name, values)

    def _create(self) -> Statement:
        if self._take("EXTERNAL"):
            return HiveDdl(self._text)
        if self._take("TABLE"):
            return self._create_table_as()
        if self._take("DATABASE") or self._take("SCHEMA"):
            tolerant = self._take("IF", "NOT", "EXISTS")
            return CreateDatabase(self._identifier(), tolerant)
        replace = self._take("OR", "REPLACE")
        self._expect("VIEW")
        name = self._name()
        if self._take("COMMENT"):
            self._string()
        self._expect("AS")
        return CreateView(name, self._rest(), replace)

    def _create_table_as(self) -> Statement:
        tolerant = self._take("IF", "NOT", "EXISTS")
        name = self._name()
        properties = self._properties() if self._take("WITH") else {}
        if not self._take("AS"):
            raise StatementError("External keyword required for table type HIVE")
        query = self._rest()
        suffix = re.search(r"\s+WITH\s+(NO\s+)?DATA\s*$", query, re.IGNORECASE)
        with_data = not (suffix and suffix[1])
        return CreateTableAs(
            name, query[: suffix.start()] if suffix else query, properties, tolerant, with_data
        )

    def _drop(self) -> Statement:
        if self._take("TABLE"):
            return HiveDdl(self._text)
        if self._take("VIEW"):
            tolerant = self._take("IF", "EXISTS")
            return self._ended(DropView(self._name(), tolerant))
        if self._take("DATABASE") or self._take("SCHEMA"):
            tolerant = self._take("IF", "EXISTS")
            name = self._identifier()
            return self._ended(DropDatabase(name, tolerant, self._take("CASCADE")))
        raise self._unexpected()

    def _alter(self) -> Statement:
        name = self._name()
        add = self._take("ADD")
        if not add and not self._take("DROP"):
            raise not_supported("ALTER TABLE other than ADD PARTITION and DROP PARTITION")
        tolerant = self._take("IF", "NOT", "EXISTS") if add else self._take("IF", "EXISTS")
        partitions: list[tuple[dict[str, str], str | None]] = []
        while self._take("PARTITION"):
            values = {key: str(value) for key, value in self._properties().items()}
            partitions.append((values, self._string() if self._take("LOCATION") else None))
            self._take(",")
        if not partitions:
            raise self._unexpected()
        return self._ended(AlterPartitions(name, add, tolerant, partitions))

    def _show(self) -> Statement:
        if self._take("CREATE", "VIEW"):
            return self._ended(Show("SHOW_CREATE_VIEW", table=self._name()))
        if self._take("CREATE", "TABLE"):
            raise not_supported("SHOW CREATE TABLE")
        if self._take("PARTITIONS"):
            return self._ended(Show("SHOW_PARTITIONS", table=self._name()))
        if self._take("COLUMNS"):
            if not self._take("IN"):
                self._expect("FROM")
            return self._ended(Show("SHOW_COLUMNS", table=self._name()))
        listed = {"TABLES": "SHOW_TABLES", "VIEWS": "SHOW_VIEWS", "DATABASES": "SHOW_DATABASES"}
        what = {**listed, "SCHEMAS": "SHOW_DATABASES"}.get(self._word())
        if what is None:
            raise self._unexpected()
        self._index += 1
        database = self._identifier() if self._take("IN") or self._take("FROM") else None
        self._take("LIKE")
        pattern = self._string() if self._index < len(self._tokens) else None
        return self._ended(Show(what, database=database, pattern=pattern))


_UNSUPPORTED = (
    "INSERT",
    "DELETE",
    "UPDATE",
    "MERGE",
    "EXPLAIN",
    "PREPARE",
    "DEALLOCATE",
    "VACUUM",
    "OPTIMIZE",
)
