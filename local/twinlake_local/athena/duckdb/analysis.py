"""Compiles Athena's queries for DuckDB: resolves names, infers types, refuses unsupported queries.

`compile_query` asks a `Resolver` for every named table, has sqlglot qualify columns and infer types, refuses
queries that Trino refuses and DuckDB accepts, and passes the rest to `semantics.rewrite`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, TokenError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import clause_checks, grammar, type_checks
from twinlake_local.athena.duckdb.dialect import Athena, annotate, literal_type
from twinlake_local.athena.duckdb.function_types import common_type, family
from twinlake_local.athena.duckdb.places import operator_position, position
from twinlake_local.athena.duckdb.semantics import rewrite
from twinlake_local.athena.duckdb.trees import selects
from twinlake_local.athena.errors import StatementError, not_supported, unresolved
from twinlake_local.athena.types import Column


@dataclass(frozen=True)
class TableName:
    """A table as named in a statement. The omitted parts are None."""

    catalog: str | None
    database: str | None
    table: str


@dataclass(frozen=True)
class Relation:
    """A resolved name: a relation in DuckDB and its columns."""

    name: str
    columns: list[Column]


#: Resolves a name to a relation. The conditions are those of the query that concern this table alone.
Resolver = Callable[[TableName, list[exp.Expr]], Relation]


@dataclass(frozen=True)
class Compiled:
    """A query in DuckDB's SQL, with the columns of its result."""

    sql: str
    columns: list[Column]


def parse(sql: str) -> exp.Expr:
    """Parses one statement; raises Athena's SYNTAX_ERROR for malformed text."""
    return _parse(sql).copy()


@functools.lru_cache(maxsize=64)
def _parse(sql: str) -> exp.Expr:
    """Parses a statement. The cache pays because views are queried again and again."""
    dialect = Athena()
    try:
        tokens = dialect.tokenize(sql)
        grammar.check_tokens(tokens, sql)
        statements = [item for item in dialect.parser().parse(tokens, sql) if item is not None]
    except ParseError as error:
        raise _syntax_error(error) from error
    except TokenError as error:
        raise StatementError(f"SYNTAX_ERROR: line 1:1: {error}") from error
    if len(statements) != 1:
        raise StatementError("Only one sql statement is allowed. Got: " + sql)
    grammar.check_tree(statements[0], sql)
    _fold_constant_rows(statements[0])
    return statements[0]


def _syntax_error(error: ParseError) -> StatementError:
    detail = (error.errors or [{}])[0]
    found = detail.get("highlight") or "<EOF>"
    column = max(1, (detail.get("col") or 1) - len(found) + 1)
    return StatementError(
        f"SYNTAX_ERROR: line {detail.get('line') or 1}:{column}: mismatched input '{found}'. "
        f"{detail.get('description') or error}"
    )


def compile_query(query: exp.Expr, sql: str, resolver: Resolver) -> Compiled:
    """Compiles a parsed query. `sql` is its text, for the positions in messages."""
    clause_checks.check(query, sql)
    query = _with_named_outputs(query)
    schema, sources = _resolve_tables(query, resolver)
    try:
        query = qualify(
            query,
            schema=schema,
            dialect=Athena,
            expand_alias_refs=False,
            validate_qualify_columns=True,
        )
    except OptimizeError as error:
        raise _resolution_error(str(error), sources, query, sql) from error
    _check_having(query, schema, sql)
    query = annotate(query, schema)
    type_checks.check(query, sql)
    names = _output_names(query)
    columns = types.columns_of(names, _output_types(query, sql))
    return Compiled(_unfold_constant_rows(rewrite(query)).sql("duckdb"), columns)


_FEW_ROWS = 16


def _fold_constant_rows(query: exp.Expr) -> None:
    """Keeps one constant row of each form of a long VALUES.

    One row of each form is enough to infer types. Lists of thousands of literals, whose text is the same in
    DuckDB, would otherwise take most of a statement's analysis.
    """
    for values in query.find_all(exp.Values):
        forms: set[tuple[str, ...]] = set()
        kept, folded = [], []
        for row in values.expressions if len(values.expressions) > _FEW_ROWS else []:
            cells = row.expressions
            form = tuple(types.spell(literal_type(cell)) for cell in cells if isinstance(cell, exp.Literal))
            if len(form) == len(cells) and form in forms:
                folded.append(f"({', '.join(map(_literal_text, cells))})")
            else:
                forms.add(form)
                kept.append(row)
        if folded:
            values.set("expressions", kept)
            values.meta["folded"] = ", ".join(folded)


def _literal_text(literal: exp.Literal) -> str:
    return "'" + literal.name.replace("'", "''") + "'" if literal.is_string else literal.name


def _unfold_constant_rows(query: exp.Expr) -> exp.Expr:
    for values in query.find_all(exp.Values):
        if "folded" in values.meta:
            values.append("expressions", exp.Var(this=values.meta["folded"]))
    return query


_UNNAMED = "_unnamed_"


def _with_named_outputs(query: exp.Expr) -> exp.Expr:
    """Names unnamed projections and values, since sqlglot would invent names of its own."""
    if isinstance(query, exp.Values):
        query = exp.select("*").from_(query)
    for number, values in enumerate(list(query.find_all(exp.Values))):
        if not isinstance(values.parent, (exp.From, exp.Join)):
            slot = exp.Placeholder()
            values.replace(slot)
            slot.replace(exp.select("*").from_(values))
        alias = values.args.get("alias")
        if alias is None or not alias.columns:
            width = len(values.expressions[0].expressions) if values.expressions else 0
            columns = [exp.to_identifier(f"_col{index}") for index in range(width)]
            name = alias.this if alias is not None else exp.to_identifier(f"_values_{number}")
            values.set("alias", exp.TableAlias(this=name, columns=columns))
    unnamed = 0
    for select in list(query.find_all(exp.Select)):
        for projection in select.expressions:
            if isinstance(projection, exp.Alias):
                projection.args["alias"].meta["written"] = projection.alias
            elif isinstance(projection.unnest(), exp.Column):
                projection.unnest().meta["written"] = projection.unnest().name
            elif not projection.is_star:
                slot = exp.Placeholder()
                projection.replace(slot)
                slot.replace(exp.alias_(projection, f"{_UNNAMED}{unnamed}"))
                unnamed += 1
    return query


def _output_names(query: exp.Expr) -> list[str]:
    """The result's labels by Trino's rules: the alias, the column's name, or `_col<index>`."""
    names = []
    for index, select in enumerate(selects(query)):
        name = select.alias_or_name
        written = None
        if isinstance(select, exp.Alias):
            written = select.args["alias"].meta.get("written") or select.this.unnest().meta.get("written")
        names.append(f"_col{index}" if name.startswith(_UNNAMED) else written or name)
    return names


def _output_types(query: exp.Expr, sql: str) -> list[exp.DataType]:
    """The types of the result. A set operation has the common types of its branches."""
    query = query.unnest()
    if not isinstance(query, exp.SetOperation):
        return [types.of(select) for select in selects(query)]
    left, right = _output_types(query.left, sql), _output_types(query.right, sql)
    word = type(query).__name__.upper()
    place = operator_position(query, word, sql)
    if len(left) != len(right):
        raise StatementError(
            f"TYPE_MISMATCH: line {place}: {word} query has different number of fields: "
            f"{len(left)}, {len(right)}"
        )
    for index, (one, other) in enumerate(zip(left, right, strict=True), 1):
        if family(one) and family(other) and family(one) != family(other):
            raise StatementError(
                f"TYPE_MISMATCH: line {place}: column {index} in {word} query has incompatible types: "
                f"{types.spell(one)}, {types.spell(other)}"
            )
    return [common_type(pair) for pair in zip(left, right, strict=True)]


def _resolve_tables(query: exp.Expr, resolver: Resolver) -> tuple[MappingSchema, list[set[str]]]:
    """Replaces table names by relations; returns their schema and the column names of each source."""
    schema: dict[str, object] = {}
    sources: list[set[str]] = []
    for scope in traverse_scope(query):
        for alias, source in list(scope.sources.items()):
            if not isinstance(source, exp.Table) or source.meta.get("resolved"):
                continue
            if not isinstance(source.this, exp.Identifier):
                raise not_supported("a table function")
            name = TableName(source.catalog.lower() or None, source.db.lower() or None, source.name.lower())
            try:
                relation = resolver(name, _conditions(source.parent_select, alias))
            except StatementError as error:
                raise _located(error, source) from error
            if not source.alias:
                source.set("alias", exp.TableAlias(this=exp.to_identifier(name.table, quoted=True)))
                for column in scope.columns:
                    if column.table.lower() == name.table and column.db:
                        column.set("db", None)
                        column.set("catalog", None)
            source.set("this", exp.to_identifier(relation.name, quoted=True))
            source.set("db", None)
            source.set("catalog", None)
            source.meta["resolved"] = True
            schema[relation.name] = {column.name: column.type for column in relation.columns}
            sources.append({column.name for column in relation.columns})
    return MappingSchema(schema, dialect=Athena), sources


def _conditions(query: exp.Expr | None, alias: str) -> list[exp.Expr]:
    """The conjuncts of the query's WHERE that concern this one table alone.

    A column without a qualifier is taken for the table's own: if another table had a column of that name, the
    query would be ambiguous and fail. A table on the nullable side of an outer join has no such conditions,
    because the WHERE applies to the NULL rows as well.
    """
    where = query.args.get("where") if query is not None else None
    if query is None or where is None or alias.lower() in _nullable_sources(query):
        return []

    def concerns_table_only(condition: exp.Expr) -> bool:
        columns = list(condition.find_all(exp.Column))
        if not columns or condition.find(exp.Query):
            return False
        return all(column.table.lower() in ("", alias.lower()) for column in columns)

    conjuncts = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    return [condition.copy() for condition in conjuncts if concerns_table_only(condition)]


def _nullable_sources(query: exp.Expr) -> set[str]:
    """The sources that an outer join may fill with NULLs."""
    first = query.args.get("from_")
    seen = [first.this.alias_or_name.lower()] if first is not None else []
    nullable: set[str] = set()
    for join in query.args.get("joins") or []:
        joined = join.this.alias_or_name.lower()
        if join.side in ("RIGHT", "FULL"):
            nullable.update(seen)
        if join.side in ("LEFT", "FULL"):
            nullable.add(joined)
        seen.append(joined)
    return nullable


def _located(error: StatementError, node: exp.Expr) -> StatementError:
    error_name, colon, rest = error.message.partition(": ")
    located = (
        *("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND"),
        *("INVALID_VIEW", "VIEW_IS_RECURSIVE", "VIEW_IS_STALE"),
    )
    if not colon or rest.startswith("line ") or error_name not in located:
        return error
    identifier = node.args.get("catalog") or node.args.get("db") or node.this
    line, column, name = (identifier.meta.get(key) for key in ("line", "col", "start"))
    if line is None or column is None or name is None:
        return error
    width = identifier.meta["end"] - identifier.meta["start"]
    return StatementError(f"{error_name}: line {line}:{column - width}: {rest}", error.category)


def _check_having(query: exp.Expr, schema: MappingSchema, sql: str) -> None:
    """Refuses output names in HAVING: Trino allows them in ORDER BY only, DuckDB in HAVING too."""
    for scope in traverse_scope(query):
        having = scope.expression.args.get("having")
        if having is None:
            continue
        known = {name for source in scope.sources.values() for name in _columns_of(source, schema)}
        for column in having.walk(prune=lambda node: isinstance(node, exp.Query)):
            if isinstance(column, exp.Column) and not column.table and column.name not in known:
                raise unresolved(column.name, position(column, sql))


def _columns_of(source: exp.Table | Scope, schema: MappingSchema) -> list[str]:
    """The column names of a source: a table, a query or a list of values."""
    if isinstance(source, exp.Table):
        return list(schema.column_names(source))
    return source.expression.named_selects if isinstance(source.expression, exp.Selectable) else []


def _resolution_error(text: str, sources: list[set[str]], query: exp.Expr, sql: str) -> StatementError:
    """Athena's message for sqlglot's message about a column."""
    missing = re.search(r"Column '\"?([^'\"]*)\"?' could not be resolved(?: for table: '([^']*)')?", text)
    ambiguous = re.search(r"Ambiguous column '([^']*)'", text)
    unknown = re.search(r"Unknown column: (\S+)", text)
    found = missing or ambiguous or unknown
    if found is None:
        return StatementError(f"SYNTAX_ERROR: line 1:1: {text.splitlines()[0]}")
    name, table = found[1], missing[2] if missing else None
    column = _column_of_name(query, name, table)
    place = position(column, sql) if column is not None else "1:1"
    holders = sum(name in columns for columns in sources)
    if ambiguous or (missing and not table and holders > 1):
        return StatementError(f"AMBIGUOUS_NAME: line {place}: Column '{name}' is ambiguous")
    table = table or (column.table if column is not None else "")
    return unresolved(f"{table}.{name}" if table else name, place)


def _column_of_name(query: exp.Expr, name: str, table: str | None) -> exp.Column | None:
    """The column of that name that Trino reports: it analyses WHERE before SELECT."""
    found = [
        column
        for column in query.find_all(exp.Column)
        if column.name.lower() == name.lower() and (not table or column.table.lower() == table.lower())
    ]
    in_where = [column for column in found if column.find_ancestor(exp.Where)]
    return next(iter([*in_where, *found]), None)
