"""From a query as Athena reads it to one that DuckDB runs: names resolved, types inferred, refusals made.

`compile_query` asks a `Resolver` for every table that is named, lets sqlglot qualify columns and infer types,
refuses what Trino refuses although DuckDB would not, and hands the rest to `semantics.rewrite`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, TokenError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from twinlake_local.athena import types
from twinlake_local.athena.dialect import Athena, annotate, literal_type
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.functions import FUNCTIONS, common_type, family
from twinlake_local.athena.semantics import rewrite
from twinlake_local.athena.types import Column


@dataclass(frozen=True)
class TableName:
    """A table as a statement names it; what it leaves out is None."""

    catalog: str | None
    database: str | None
    table: str


@dataclass(frozen=True)
class Relation:
    """What a name stands for: a relation in DuckDB and its columns."""

    name: str
    columns: list[Column]


#: Gives the relation of a name; the conditions are those of the query that concern that table alone.
Resolver = Callable[[TableName, list[exp.Expression]], Relation]


@dataclass(frozen=True)
class Compiled:
    """A query that DuckDB runs."""

    sql: str
    columns: list[Column]


def parse(sql: str) -> exp.Expression:
    """Parses one statement; raises Athena's SYNTAX_ERROR for what is none."""
    return _parse(sql).copy()


@functools.lru_cache(maxsize=64)
def _parse(sql: str) -> exp.Expression:
    """The parsed texts are remembered: views are queried again and again."""
    try:
        statements = [item for item in Athena().parse(sql) if item is not None]
    except ParseError as error:
        raise _syntax_error(error) from error
    except TokenError as error:
        raise StatementError(f"SYNTAX_ERROR: line 1:1: {error}") from error
    if len(statements) != 1:
        raise StatementError("Only one sql statement is allowed. Got: " + sql)
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


def compile_query(query: exp.Expression, sql: str, resolver: Resolver) -> Compiled:
    """Compiles a parsed query; `sql` is the text that positions in messages refer to."""
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
        raise _resolution_error(str(error), sources) from error
    query = annotate(query, schema)
    _check(query, sql)
    names = _output_names(query)
    columns = types.columns_of(names, _output_types(query, sql))
    return Compiled(_unfold_constant_rows(rewrite(query)).sql("duckdb"), columns)


_FEW_ROWS = 16


def _fold_constant_rows(query: exp.Expression) -> None:
    """Takes all but one of the constant rows of one form out of long VALUES.

    The types of a VALUES need no more than one row of each form, and lists of thousands of literals, which
    are the same text in DuckDB, would make up most of a statement's analysis.
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


def _unfold_constant_rows(query: exp.Expression) -> exp.Expression:
    for values in query.find_all(exp.Values):
        if "folded" in values.meta:
            values.append("expressions", exp.Var(this=values.meta["folded"]))
    return query


_UNNAMED = "_unnamed_"


def _with_named_outputs(query: exp.Expression) -> exp.Expression:
    """Names what has no name, so that sqlglot does not invent names of its own."""
    if isinstance(query, exp.Values):
        query = exp.select("*").from_(query)
    for number, values in enumerate(list(query.find_all(exp.Values))):
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
            elif not isinstance(projection, (exp.Column, exp.Star)) and not projection.is_star:
                slot = exp.Placeholder()
                projection.replace(slot)
                slot.replace(exp.alias_(projection, f"{_UNNAMED}{unnamed}"))
                unnamed += 1
    return query


def _output_names(query: exp.Expression) -> list[str]:
    """The result's labels as Trino gives them: the alias, the column's name, or `_col<index>`."""
    names = []
    for index, select in enumerate(query.selects):
        name = select.alias_or_name
        written = select.args["alias"].meta.get("written") if isinstance(select, exp.Alias) else None
        names.append(f"_col{index}" if name.startswith(_UNNAMED) else written or name)
    return names


def _output_types(query: exp.Expression, sql: str) -> list[exp.DataType]:
    """The result's types; those of a set operation are common to its branches."""
    query = query.unnest()
    if not isinstance(query, exp.SetOperation):
        return [select.type or types.simple(types.DType.UNKNOWN) for select in query.selects]
    left, right = _output_types(query.left, sql), _output_types(query.right, sql)
    word = type(query).__name__.upper()
    place = _operator_position(query, word, sql)
    if len(left) != len(right):
        raise StatementError(
            f"TYPE_MISMATCH: line {place}: {word} query has different number of fields: "
            f"{len(left)}, {len(right)}"
        )
    for index, (one, other) in enumerate(zip(left, right), 1):
        if family(one) and family(other) and family(one) != family(other):
            raise StatementError(
                f"TYPE_MISMATCH: line {place}: column {index} in {word} query has incompatible types: "
                f"{types.spell(one)}, {types.spell(other)}"
            )
    return [common_type(pair) for pair in zip(left, right)]


def _resolve_tables(query: exp.Expression, resolver: Resolver) -> tuple[MappingSchema, list[set[str]]]:
    """Puts relations in the place of names; returns their schema and the column names of each source."""
    schema: dict[str, dict[str, str]] = {}
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
            sources.append(set(schema[relation.name]))
    return MappingSchema(schema, dialect=Athena), sources


def _conditions(query: exp.Expression | None, alias: str) -> list[exp.Expression]:
    """The conjuncts of the query's WHERE that can concern this one table and nothing else.

    A column without a table is taken for the table's: were there another of its name, it would be ambiguous.
    A table that an outer join may fill with NULLs has no such conditions: they hold for those NULLs as well.
    """
    where = query.args.get("where") if query is not None else None
    if query is None or where is None or alias.lower() in _nullable_sources(query):
        return []

    def concerns_table_only(condition: exp.Expression) -> bool:
        columns = list(condition.find_all(exp.Column))
        if not columns or condition.find(exp.Query):
            return False
        return all(column.table.lower() in ("", alias.lower()) for column in columns)

    conjuncts = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    return [condition.copy() for condition in conjuncts if concerns_table_only(condition)]


def _nullable_sources(query: exp.Expression) -> set[str]:
    """The sources on the side of an outer join that may be NULL."""
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


def position(node: exp.Expression, sql: str) -> str:
    """`line:column` of a node's first token, as exactly as the parser remembers it."""
    starts = [part.meta["start"] for part in node.walk() if part._meta and "start" in part.meta]
    return _line_and_column(min(starts, default=0), sql)


def _operator_position(node: exp.Expression, operator: str, sql: str) -> str:
    """`line:column` of a binary operator, which is where Trino sees its operands' mismatch."""
    ends = [part.meta["end"] for part in node.this.walk() if part._meta and "end" in part.meta]
    found = sql.upper().find(operator.split()[0], max(ends, default=-1) + 1)
    return position(node, sql) if found < 0 or not ends else _line_and_column(found, sql)


def _call_position(node: exp.Expression, name: str, sql: str) -> str:
    """`line:column` of a call whose name the parser does not remember: the last one before its arguments."""
    starts = [part.meta["start"] for part in node.walk() if part._meta and "start" in part.meta]
    found = sql.upper().rfind(name, 0, min(starts, default=len(sql)))
    return _line_and_column(max(found, 0), sql)


def _line_and_column(offset: int, sql: str) -> str:
    before = sql[:offset]
    return f"{before.count(chr(10)) + 1}:{offset - before.rfind(chr(10))}"


def _located(error: StatementError, node: exp.Expression) -> StatementError:
    head, colon, rest = error.message.partition(": ")
    located = (
        *("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND"),
        *("INVALID_VIEW", "VIEW_IS_RECURSIVE", "VIEW_IS_STALE"),
    )
    if not colon or rest.startswith("line ") or head not in located:
        return error
    identifier = node.args.get("catalog") or node.args.get("db") or node.this
    line, column, name = (identifier.meta.get(key) for key in ("line", "col", "start"))
    if line is None or column is None or name is None:
        return error
    width = identifier.meta["end"] - identifier.meta["start"]
    return StatementError(f"{head}: line {line}:{column - width}: {rest}", error.category)


def _resolution_error(text: str, sources: list[set[str]]) -> StatementError:
    """Athena's message for sqlglot's about a column."""
    unresolved = re.search(r"Column '\"?([^'\"]*)\"?' could not be resolved(?: for table: '([^']*)')?", text)
    ambiguous = re.search(r"Ambiguous column '([^']*)'", text)
    unknown = re.search(r"Unknown column: (\S+)", text)
    found = unresolved or ambiguous or unknown
    if found is None:
        return StatementError(f"SYNTAX_ERROR: line 1:1: {text.splitlines()[0]}")
    place = re.search(r"Line: (\d+), Col: (\d+)", text)
    name = found[1]
    line, column = (place[1], int(place[2]) - len(name) + 1) if place else ("1", 1)
    holders = sum(name in columns for columns in sources)
    if ambiguous or (unresolved and not unresolved[2] and holders > 1):
        return StatementError(f"AMBIGUOUS_NAME: line {line}:{column}: Column '{name}' is ambiguous")
    if unresolved and unresolved[2]:
        name = f"{unresolved[2]}.{name}"
    return StatementError(
        f"COLUMN_NOT_FOUND: line {line}:{column}: Column '{name}' cannot be resolved "
        "or requester is not authorized to access requested resources"
    )


_OPERATORS = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
    exp.NullSafeEQ: "IS DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
}  # fmt: skip
_REPORTED_OPERATORS = {"<>": "=", ">": "<", ">=": "<="}
"""The operators that Trino reports others as, with the operands as they were written."""
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)


def _check(query: exp.Expression, sql: str) -> None:
    """Refuses what DuckDB would run and Trino does not."""
    for node in query.walk():
        if isinstance(node, exp.Anonymous) and node.name.lower() not in FUNCTIONS:
            place = position(node, sql)
            raise StatementError(
                f"FUNCTION_NOT_FOUND: line {place}: Function '{node.name.lower()}' not registered"
            )
        if isinstance(node, exp.Between):
            _check_between(node, sql)
        elif isinstance(node, exp.In) and node.expressions:
            _check_common([node.this, *node.expressions], "IN value and list items", sql)
        elif isinstance(node, _ARITHMETIC):
            _check_arithmetic(node, sql)
        elif type(node) in _OPERATORS:
            _check_operands(node, _OPERATORS[type(node)], sql)
        elif isinstance(node, (exp.And, exp.Or)):
            for side in (node.left, node.right):
                _check_boolean(side, "Logical expression term must evaluate to a boolean (actual: {})", sql)
        elif isinstance(node, exp.Not):
            text = "Value of logical NOT expression must evaluate to a boolean (actual: {})"
            _check_boolean(node.this, text, sql)
        elif isinstance(node, (exp.Where, exp.Having)):
            clause = type(node).__name__.upper()
            _check_boolean(node.this, clause + " clause must evaluate to a boolean: actual type {}", sql)
        elif isinstance(node, exp.Case):
            branches = [branch.args["true"] for branch in node.args["ifs"]]
            _check_common([*branches, *filter(None, [node.args.get("default")])], "All CASE results", sql)
        elif isinstance(node, exp.If) and not isinstance(node.parent, exp.Case):
            _check_if(node, sql)
        elif isinstance(node, exp.Anonymous) and node.name.lower() == "coalesce":
            _check_common(node.expressions, "All COALESCE operands", sql)
        elif isinstance(node, exp.Anonymous) and node.name.lower() in ("greatest", "least"):
            if len({family(value.type) for value in node.expressions} - {None}) > 1:
                raise _unexpected(node.name.lower(), node.expressions, position(node, sql))
        elif isinstance(node, exp.DPipe) and (
            {family(node.left.type), family(node.right.type)} & {"number", "time", "BOOLEAN"}
        ):
            raise _unexpected("concat", [node.left, node.right], _operator_position(node, "||", sql))


def _unexpected(function: str, arguments: list[exp.Expression], place: str) -> StatementError:
    given = ", ".join(types.spell(argument.type) for argument in arguments)
    return StatementError(
        f"FUNCTION_NOT_FOUND: line {place}: Unexpected parameters ({given}) for function {function}"
    )


def _check_if(node: exp.If, sql: str) -> None:
    results = [node.args["true"], node.args.get("false") or exp.null()]
    if len({family(result.type) for result in results} - {None}) > 1:
        first, second = (types.spell(result.type) for result in results)
        raise StatementError(
            f"TYPE_MISMATCH: line {_call_position(node, 'IF', sql)}: Result types for IF must be the same: "
            f"{first} vs {second}"
        )


def _check_between(node: exp.Between, sql: str) -> None:
    operands = [node.this, node.args["low"], node.args["high"]]
    if len({family(operand.type) for operand in operands} - {None}) > 1:
        value, low, high = (types.spell(operand.type) for operand in operands)
        raise StatementError(
            f"TYPE_MISMATCH: line {_operator_position(node, 'BETWEEN', sql)}: "
            f"Cannot check if {value} is BETWEEN {low} and {high}"
        )


def _check_operands(node: exp.Binary, operator: str, sql: str) -> None:
    if len({family(side.type) for side in (node.left, node.right)} - {None}) > 1:
        raise _mismatch(node, operator, sql)


def _mismatch(node: exp.Binary, operator: str, sql: str) -> StatementError:
    return StatementError(
        f"TYPE_MISMATCH: line {_operator_position(node, operator, sql)}: Cannot apply operator: "
        f"{types.spell(node.left.type)} {_REPORTED_OPERATORS.get(operator, operator)} "
        f"{types.spell(node.right.type)}"
    )


def _check_common(values: list[exp.Expression], what: str, sql: str) -> None:
    known = [value for value in values if family(value.type)]
    kinds = dict.fromkeys(types.spell(value.type) for value in known)
    for value in known[1:]:
        if family(value.type) != family(known[0].type):
            raise StatementError(
                f"TYPE_MISMATCH: line {position(value, sql)}: {what} must be the same type or coercible "
                f"to a common type. Cannot find common type between {types.spell(known[0].type)} and "
                f"{types.spell(value.type)}, all types (without duplicates): "
                f"[{', '.join(kinds)}]"
            )


def _check_arithmetic(node: exp.Binary, sql: str) -> None:
    kinds = (family(node.left.type), family(node.right.type))
    with_interval = "INTERVAL" in kinds and isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div))
    if None in kinds or kinds == ("number", "number") or with_interval:
        return
    if kinds == ("time", "time") and isinstance(node, exp.Sub):
        return
    raise _mismatch(node, _OPERATORS[type(node)], sql)


def _check_boolean(node: exp.Expression, text: str, sql: str) -> None:
    """Refuses a node that is no boolean; `text` is the message with a place for its type."""
    if family(node.type) not in (None, "BOOLEAN"):
        raise StatementError(
            f"TYPE_MISMATCH: line {position(node, sql)}: {text.format(types.spell(node.type))}"
        )
