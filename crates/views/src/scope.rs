//! The tables in FROM, and the meaning of names among them.

use sqlparser::ast::{
    Expr, Ident, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Select, Spanned,
    TableFactor,
};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::{Column, ColumnType, Definition, Rules};

use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Expression, Node, Type};
use crate::interval::{DoubleInterval, IntegerInterval, Interval};

/// The name of the stream in a view.
const STREAM: &str = "events";

/// The tables in FROM, the stream first.
pub(crate) struct Scope {
    tables: Vec<ScopeTable>,
}

/// A table in FROM, with its names.
pub(crate) struct ScopeTable {
    /// `events`, or the name of a reference table.
    pub(crate) source: String,
    /// The table's alias in the statements: the source, numbered if a reference table is joined more than once.
    pub(crate) alias: String,
    /// The table's name or alias in the view's text.
    called: String,
    columns: Vec<ScopeColumn>,
}

/// A column of a table in FROM.
struct ScopeColumn {
    name: String,
    column_type: ColumnType,
    interval: Interval,
}

/// A join in the view's text.
pub(crate) struct ScopeJoin<'a> {
    /// `true` for LEFT JOIN, which keeps events without a match.
    pub(crate) outer: bool,
    /// The condition after ON.
    pub(crate) on: &'a Expr,
}

/// The name in an identifier, in lower case: Athena ignores the case of names, even in quotes.
pub(crate) fn name_of(identifier: &Ident) -> Result<String, SqlDiagnostic> {
    if matches!(identifier.quote_style, Some(quote) if quote != '"') {
        return Err(SqlDiagnostic::new(
            identifier.span,
            "Athena accepts only double quotes around names",
            format!("write \"{}\"", identifier.value),
        ));
    }
    Ok(identifier.value.to_lowercase())
}

impl Scope {
    /// Resolves the tables of a view's FROM, and returns its joins in their order.
    pub(crate) fn new<'a>(
        select: &'a Select,
        definition: &Definition,
    ) -> Result<(Self, Vec<ScopeJoin<'a>>), SqlDiagnostic> {
        let [from] = select.from.as_slice() else {
            return Err(SqlDiagnostic::new(
                select
                    .from
                    .get(1)
                    .map_or_else(|| select.select_token.0.span, Spanned::span),
                "a view reads FROM events and joins reference tables with JOIN",
                "write FROM events, and INNER JOIN or LEFT JOIN for reference tables",
            ));
        };
        let mut scope = Self { tables: Vec::new() };
        let (name, called, span) = table(&from.relation)?;
        if name != STREAM {
            return Err(SqlDiagnostic::new(
                span,
                format!("FROM begins with the stream `{STREAM}`, not with `{name}`"),
                "write FROM events, and join the reference table to it",
            ));
        }
        scope.add(
            name,
            called,
            definition.columns.iter().map(stream_column).collect(),
            span,
        )?;
        let mut joins = Vec::new();
        for join in &from.joins {
            let (name, called, span) = table(&join.relation)?;
            let outer = join_kind(&join.join_operator, span)?;
            let JoinConstraint::On(on) = constraint(&join.join_operator) else {
                return Err(SqlDiagnostic::new(
                    span,
                    "a join needs a condition with ON",
                    "write ON events.<column> = <reference>.<column>",
                ));
            };
            if name == STREAM {
                return Err(SqlDiagnostic::new(
                    span,
                    "the stream cannot be joined to itself: a batch of events does not hold the others",
                    "group by the columns that the events share",
                ));
            }
            let reference = definition
                .references
                .iter()
                .find(|reference| reference.name == name)
                .ok_or_else(|| {
                    let known: Vec<&str> = definition
                        .references
                        .iter()
                        .map(|reference| reference.name.as_str())
                        .collect();
                    SqlDiagnostic::new(
                        span,
                        format!("`{name}` is not a reference table of the pipeline"),
                        format!(
                            "declare it under `reference` in pipeline.yaml; the declared tables are: {}",
                            list(&known)
                        ),
                    )
                })?;
            let columns = reference.columns.iter().map(|column| ScopeColumn {
                name: column.name.clone(),
                column_type: column.column_type,
                interval: Interval::of_type(column.column_type),
            });
            scope.add(name, called, columns.collect(), span)?;
            joins.push(ScopeJoin { outer, on });
        }
        if let [table] = scope.tables.as_slice()
            && table.columns.is_empty()
        {
            return Err(SqlDiagnostic::new(
                span,
                "the stream has no columns",
                "declare them in pipeline.yaml",
            ));
        }
        Ok((scope, joins))
    }

    /// The tables in the order of FROM.
    pub(crate) fn tables(&self) -> &[ScopeTable] {
        &self.tables
    }

    fn add(
        &mut self,
        source: String,
        called: String,
        columns: Vec<ScopeColumn>,
        span: Span,
    ) -> Result<(), SqlDiagnostic> {
        if self.tables.iter().any(|table| table.called == called) {
            return Err(SqlDiagnostic::new(
                span,
                format!("two tables are called `{called}`"),
                format!("give one of them an alias: {source} AS <name>"),
            ));
        }
        // The alias is free: the name of a reference table does not hold two underscores.
        let alias = match self
            .tables
            .iter()
            .filter(|table| table.source == source)
            .count()
        {
            0 => source.clone(),
            earlier => format!("{source}__{}", earlier + 1),
        };
        self.tables.push(ScopeTable {
            source,
            alias,
            called,
            columns,
        });
        Ok(())
    }

    /// The column of a name without a table. Exactly one table must have it.
    pub(crate) fn column(&self, identifier: &Ident) -> Result<Expression, SqlDiagnostic> {
        let name = name_of(identifier)?;
        let mut found = self
            .tables
            .iter()
            .enumerate()
            .filter_map(|(index, table)| table.column(index, &name));
        match (found.next(), found.next()) {
            (Some(column), None) => Ok(column),
            (Some(_), Some(_)) => {
                let tables: Vec<&str> = self
                    .tables
                    .iter()
                    .filter(|table| table.columns.iter().any(|column| column.name == name))
                    .map(|table| table.called.as_str())
                    .collect();
                Err(SqlDiagnostic::new(
                    identifier.span,
                    format!(
                        "the column `{name}` is ambiguous: {} have it",
                        tables.join(" and ")
                    ),
                    format!("write {}.{name}", tables[0]),
                ))
            }
            (None, _) => Err(self.unknown_column(&name, identifier.span, &self.tables)),
        }
    }

    /// Reports whether any table has a column of this name.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.tables
            .iter()
            .any(|table| table.columns.iter().any(|column| column.name == name))
    }

    /// The column of a name with a table: `table.column`.
    pub(crate) fn qualified_column(
        &self,
        parts: &[Ident],
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let [table, column] = parts else {
            return Err(SqlDiagnostic::new(
                span,
                "a column is written alone or as <table>.<column>",
                "leave out the names before the table",
            ));
        };
        let (table_name, column_name) = (name_of(table)?, name_of(column)?);
        let known = self
            .tables
            .iter()
            .enumerate()
            .find(|(_, table)| table.called == table_name);
        let Some((index, table)) = known else {
            let known: Vec<&str> = self
                .tables
                .iter()
                .map(|table| table.called.as_str())
                .collect();
            return Err(SqlDiagnostic::new(
                span,
                format!("no table in FROM is called `{table_name}`"),
                format!("use one of: {}", list(&known)),
            ));
        };
        table
            .column(index, &column_name)
            .ok_or_else(|| self.unknown_column(&column_name, span, std::slice::from_ref(table)))
    }

    fn unknown_column(&self, name: &str, span: Span, tables: &[ScopeTable]) -> SqlDiagnostic {
        let columns: Vec<&str> = tables
            .iter()
            .flat_map(|table| table.columns.iter().map(|column| column.name.as_str()))
            .collect();
        SqlDiagnostic::new(
            span,
            format!("there is no column `{name}`"),
            format!("use one of: {}", list(&columns)),
        )
    }
}

impl ScopeTable {
    fn column(&self, table: usize, name: &str) -> Option<Expression> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .map(|column| Expression {
                node: Node::Column {
                    table,
                    name: column.name.clone(),
                },
                value_type: Type::Column(column.column_type),
                interval: column.interval,
            })
    }
}

/// A column of the stream. The column's rules bound its values.
fn stream_column(column: &Column) -> ScopeColumn {
    let interval = match (&column.rules, Interval::of_type(column.column_type)) {
        (Rules::Integer(rules), Interval::Integer(all)) => {
            let chosen = rules.one_of.as_ref().filter(|values| !values.is_empty());
            let (first, last) = (
                chosen.and_then(|values| values.first()),
                chosen.and_then(|values| values.last()),
            );
            let min = rules.min.max(first.copied()).map_or(all.min, i128::from);
            let max = [rules.max, last.copied()]
                .into_iter()
                .flatten()
                .min()
                .map_or(all.max, i128::from);
            Interval::Integer(IntegerInterval::new(min, max.max(min)))
        }
        (Rules::Double(rules), Interval::Double(all)) => {
            let (min, max) = (rules.min.unwrap_or(all.min), rules.max.unwrap_or(all.max));
            Interval::Double(DoubleInterval::new(min, max.max(min)))
        }
        (_, all) => all,
    };
    ScopeColumn {
        name: column.name.clone(),
        column_type: column.column_type,
        interval,
    }
}

/// A table in FROM: its name, its alias or else its name again, and its place in the text.
fn table(factor: &TableFactor) -> Result<(String, String, Span), SqlDiagnostic> {
    let span = factor.span();
    let plain = match factor {
        TableFactor::Table {
            name,
            alias,
            args: None,
            with_hints,
            version: None,
            with_ordinality: false,
            partitions,
            json_path: None,
            sample: None,
            index_hints,
        } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
            Some((name, alias))
        }
        _ => None,
    };
    let Some((name, alias)) = plain else {
        return Err(SqlDiagnostic::new(
            span,
            "a view reads only the stream and reference tables; subqueries and table functions are not supported",
            "write events or the name of a reference table",
        ));
    };
    let name = table_name(name, span)?;
    let called = match alias {
        Some(alias) if alias.columns.is_empty() && alias.at.is_none() => name_of(&alias.name)?,
        Some(_) => {
            return Err(SqlDiagnostic::new(
                span,
                "renaming a table's columns is not supported",
                "rename them in SELECT: <column> AS <name>",
            ));
        }
        None => name.clone(),
    };
    Ok((name, called, span))
}

fn table_name(name: &ObjectName, span: Span) -> Result<String, SqlDiagnostic> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(identifier)] => name_of(identifier),
        _ => Err(SqlDiagnostic::new(
            span,
            "tables are written without a database: a view reads those of its own pipeline",
            "write the table's name alone",
        )),
    }
}

/// Reports whether the join keeps events without a match.
fn join_kind(operator: &JoinOperator, span: Span) -> Result<bool, SqlDiagnostic> {
    match operator {
        JoinOperator::Join(_) | JoinOperator::Inner(_) => Ok(false),
        JoinOperator::Left(_) | JoinOperator::LeftOuter(_) => Ok(true),
        JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_) => {
            Err(SqlDiagnostic::new(
                span,
                "rows of the reference table without an event would appear once for each batch of events",
                "use INNER JOIN or LEFT JOIN",
            ))
        }
        _ => Err(SqlDiagnostic::new(
            span,
            "this kind of join is not supported",
            "use INNER JOIN or LEFT JOIN with ON",
        )),
    }
}

fn constraint(operator: &JoinOperator) -> &JoinConstraint {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint) => constraint,
        _ => &JoinConstraint::None,
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
