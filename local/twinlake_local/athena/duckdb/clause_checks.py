"""Refuses misplaced parts of clauses: aggregates, windows, ordinals and names that Trino rejects there.

These checks see the query as written, before names are resolved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from twinlake_local.athena.duckdb.functions import FUNCTIONS, Kind
from twinlake_local.athena.duckdb.places import position
from twinlake_local.athena.duckdb.trees import selects
from twinlake_local.athena.errors import StatementError, unresolved

_WRAPPERS = (exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)


def check(query: exp.Expr, sql: str) -> None:
    """Raises `StatementError` for a query with a misplaced aggregate, window, ordinal or name."""
    for node in query.walk():
        if isinstance(node, exp.Anonymous):
            _check_call(node, sql)
        elif isinstance(node, exp.Select):
            _check_conditions(node, sql)
            _check_grouping(node, sql)
            _check_sources(node, sql)
        elif isinstance(node, exp.With):
            _check_names_of_queries(node, sql)
        if isinstance(node, exp.Query):
            _check_order(node, sql)


def _kind(node: exp.Expr) -> Kind | None:
    function = FUNCTIONS.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
    return function.kind if function else None


def _wrapped(call: exp.Expr) -> exp.Expr:
    """A call together with the FILTER, NULLS or WITHIN GROUP clauses around it."""
    while isinstance(call.parent, _WRAPPERS) and call.parent.this is call:
        call = call.parent
    return call


def _has_window(call: exp.Expr) -> bool:
    outer = _wrapped(call)
    return isinstance(outer.parent, exp.Window) and outer.parent.this is outer


def _within(node: exp.Expr) -> Iterator[exp.Expr]:
    """A node and its descendants, without nested queries."""
    return node.walk(prune=lambda inner: isinstance(inner, exp.Query))


def _is_grouping(node: exp.Expr) -> bool:
    """True for a call of GROUPING, not for a column of that name."""
    return isinstance(node, exp.Func) and node.name.lower() == "grouping"


def _aggregates(node: exp.Expr) -> list[exp.Expr]:
    return [
        inner
        for inner in _within(node)
        if (_kind(inner) is Kind.AGGREGATE or _is_grouping(inner)) and not _has_window(inner)
    ]


def _windows(node: exp.Expr) -> list[exp.Expr]:
    return [inner for inner in _within(node) if isinstance(inner, exp.Window)]


def _error(name: str, node: exp.Expr, sql: str, text: str) -> StatementError:
    return StatementError(f"{name}: line {position(node, sql)}: {text}")


def _check_call(node: exp.Anonymous, sql: str) -> None:
    kind = _kind(node)
    if kind is None:
        return
    name = node.name.lower()
    if kind is Kind.WINDOW and not _has_window(node):
        raise _error("MISSING_OVER", node, sql, f"Window function {name} requires an OVER clause")
    if kind is Kind.SCALAR:
        if _has_window(node):
            raise _error("FUNCTION_NOT_WINDOW", node, sql, f"Not a window function: {name}")
        if isinstance(node.parent, exp.Filter):
            text = "Filter is only valid for aggregation functions"
            raise _error("FUNCTION_NOT_AGGREGATE", node, sql, text)
        if any(isinstance(item, exp.Distinct) for item in node.expressions):
            text = "DISTINCT is not supported for non-aggregation functions"
            raise _error("FUNCTION_NOT_AGGREGATE", node, sql, text)
    inner = [found for argument in node.expressions for found in _aggregates(argument)]
    if kind is Kind.AGGREGATE and not _has_window(node) and inner:
        found = ", ".join(item.sql("trino").lower() for item in inner)
        text = f"Cannot nest aggregations inside aggregation '{name}': [{found}]"
        raise _error("NESTED_AGGREGATION", node, sql, text)
    if _has_window(node) and any(map(_windows, node.expressions)):
        text = "Cannot nest window functions or row pattern measures inside window function arguments"
        raise _error("NESTED_WINDOW", node, sql, text)


def _check_conditions(select: exp.Select, sql: str) -> None:
    where, having = select.args.get("where"), select.args.get("having")
    if where is not None:
        _require_scalar(where.this, "WHERE", sql)
    if having is not None and _windows(having):
        text = "HAVING clause cannot contain window functions or row pattern measures"
        raise _error("NESTED_WINDOW", having, sql, text)


def _require_scalar(node: exp.Expr, clause: str, sql: str) -> None:
    found = [*_aggregates(node), *_windows(node)]
    if found:
        shown = ", ".join(item.sql("trino").lower() for item in found)
        raise _error(
            "EXPRESSION_NOT_SCALAR",
            node,
            sql,
            f"{clause} clause cannot contain aggregations, window functions or grouping operations: "
            f"[{shown}]",
        )


def _check_grouping(select: exp.Select, sql: str) -> None:
    group = select.args.get("group")
    for key in group.expressions if group is not None else []:
        expression = key
        if isinstance(key, exp.Literal) and not key.is_string:
            expression = _selected(select, key, "GROUP BY", sql) or key
        _require_scalar(expression.unalias(), "GROUP BY", sql)


def _selected(query: exp.Query, ordinal: exp.Literal, clause: str, sql: str) -> exp.Expr | None:
    """The projection of an ordinal in a clause; None if the select list has a star."""
    selected = selects(query)
    if any(item.is_star for item in selected):
        return None
    if not 1 <= int(ordinal.name) <= len(selected):
        text = f"{clause} position {ordinal.name} is not in select list"
        raise _error("INVALID_COLUMN_REFERENCE", ordinal, sql, text)
    return selected[int(ordinal.name) - 1]


def _check_order(query: exp.Query, sql: str) -> None:
    order = query.args.get("order")
    distinct = isinstance(query, exp.Select) and query.args.get("distinct") is not None
    for ordered in order.expressions if order is not None else []:
        key = ordered.this
        if isinstance(key, exp.Literal) and key.name.isdigit() and not key.is_string:
            _selected(query, key, "ORDER BY", sql)
            continue
        if isinstance(key, exp.Column) and not key.table:
            _require_one_output(query.selects, key, sql)
        if distinct and not _is_selected(query.selects, key):
            text = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
            raise _error("EXPRESSION_NOT_IN_DISTINCT", query, sql, text)


def _require_one_output(outputs: Sequence[exp.Expr], key: exp.Column, sql: str) -> None:
    named = {item.unalias() for item in outputs if item.alias_or_name.lower() == key.name.lower()}
    if len(named) > 1:
        raise _error("AMBIGUOUS_NAME", key, sql, f"Column '{key.name.lower()}' is ambiguous")


def _is_selected(outputs: Sequence[exp.Expr], key: exp.Expr) -> bool:
    name = key.name.lower() if isinstance(key, exp.Column) else None
    return any(
        item.is_star or item.unalias() == key or (name and item.alias_or_name.lower() == name)
        for item in outputs
    )


def _check_names_of_queries(node: exp.With, sql: str) -> None:
    seen: set[str] = set()
    for query in node.expressions:
        name = query.alias.lower()
        if name in seen:
            text = f"WITH query name '{name}' specified more than once"
            raise _error("DUPLICATE_NAMED_QUERY", query.args["alias"], sql, text)
        seen.add(name)


def _check_sources(select: exp.Select, sql: str) -> None:
    source = select.args.get("from_")
    joins = select.args.get("joins") or []
    sources = [*([source.this] if source is not None else []), *(join.this for join in joins)]
    columns = [node for node in _columns(select) if isinstance(node, exp.Column)]
    for item in sources:
        _check_aliases(item, sql)
        for column in columns:
            if column.table.lower() in ("", item.alias_or_name.lower()):
                _require_one_output(_outputs(item), column, sql)
    merged = _merged_columns(sources, joins)
    for column in columns:
        if (column.table.lower(), column.name.lower()) in merged:
            raise unresolved(f"{column.table}.{column.name}", position(column, sql))


def _merged_columns(sources: Sequence[exp.Expr], joins: Sequence[exp.Join]) -> set[tuple[str, str]]:
    """The columns, by table, that USING has merged. A merged column belongs to no table any more."""
    aliases = [source.alias_or_name.lower() for source in sources]
    joined = len(sources) - len(joins)
    return {
        (alias, name.name.lower())
        for index, join in enumerate(joins)
        for name in join.args.get("using") or []
        for alias in aliases[: joined + index + 1]
    }


def _columns(select: exp.Select) -> Iterator[exp.Expr]:
    for part in (*select.expressions, select.args.get("where"), select.args.get("order")):
        if part is not None:
            yield from _within(part)


def _outputs(source: exp.Expr) -> Sequence[exp.Expr]:
    """The output columns of a source under their outer names, where the query spells them."""
    alias = source.args.get("alias")
    if alias is not None and alias.columns:
        return [exp.alias_(exp.Literal.number(index), name) for index, name in enumerate(alias.columns)]
    return selects(source) if isinstance(source, exp.Subquery) else []


def _check_aliases(source: exp.Expr, sql: str) -> None:
    """Refuses a list of column aliases whose length differs from the row's."""
    alias = source.args.get("alias")
    if alias is None or not alias.columns:
        return
    width = None
    if isinstance(source, exp.Values) and source.expressions:
        width = len(source.expressions[0].expressions)
    elif isinstance(source, exp.Subquery) and not any(item.is_star for item in selects(source)):
        width = len(selects(source))
    if width is not None and width != len(alias.columns):
        text = (
            f"Column alias list has {len(alias.columns)} entries but '{alias.name}' has {width} columns "
            "available"
        )
        raise _error("MISMATCHED_COLUMN_ALIASES", source, sql, text)
