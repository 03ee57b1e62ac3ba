//! The tables in FROM and what names mean among them.

use sqlparser::ast::{
    Expr, Ident, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Select, Spanned,
    TableFactor,
};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::{Column, ColumnType, Definition, Rules};

use crate::error::Refusal;
use crate::expression::{Expression, Node, Type};
use crate::interval::{Doubles, Integers, Range};

/// The name of the stream in a view.
const STREAM: &str = "events";

/// The tables in FROM, the stream first.
pub(crate) struct Scope {
    tables: Vec<ScopeTable>,
}

/// A table in FROM and how the view calls it.
pub(crate) struct ScopeTable {
    /// Its name: `events` or a reference table's.
    pub(crate) source: String,
    /// The name that statements give it: its own, numbered if a reference table is joined more than once.
    pub(crate) alias: String,
    /// The name by which the view's text calls it.
    called: String,
    columns: Vec<(String, ColumnType, Range)>,
}

/// A join as the view's text has it.
pub(crate) struct ScopeJoin<'a> {
    /// Whether events without a match are kept.
    pub(crate) outer: bool,
    /// The condition after ON.
    pub(crate) on: &'a Expr,
}

/// The name that an identifier means: neither engine tells upper from lower case here.
pub(crate) fn name_of(identifier: &Ident) -> Result<String, Refusal> {
    if matches!(identifier.quote_style, Some(quote) if quote != '"') {
        return Err(Refusal::new(
            identifier.span,
            "Athena quotes names with double quotes only",
            format!("write \"{}\"", identifier.value),
        ));
    }
    Ok(identifier.value.to_lowercase())
}

impl Scope {
    /// The tables of a view's FROM, and its joins in their order.
    pub(crate) fn new<'a>(
        select: &'a Select,
        definition: &Definition,
    ) -> Result<(Self, Vec<ScopeJoin<'a>>), Refusal> {
        let [from] = select.from.as_slice() else {
            return Err(Refusal::new(
                select
                    .from
                    .get(1)
                    .map_or_else(|| select.select_token.0.span, Spanned::span),
                "a view reads FROM events and joins reference tables, no other way",
                "write FROM events, and INNER JOIN or LEFT JOIN for reference tables",
            ));
        };
        let mut scope = Self { tables: Vec::new() };
        let (name, called, span) = table(&from.relation)?;
        if name != STREAM {
            return Err(Refusal::new(
                span,
                format!(
                    "FROM begins with the stream, which is called `{STREAM}`, not with `{name}`"
                ),
                "write FROM events and join the reference table to it",
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
                return Err(Refusal::new(
                    span,
                    "a join says with ON what must be equal",
                    "write ON events.<column> = <reference>.<column>",
                ));
            };
            if name == STREAM {
                return Err(Refusal::new(
                    span,
                    "the stream cannot be joined to itself: a batch of events does not hold the others",
                    "group by what the events share",
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
                    Refusal::new(
                        span,
                        format!("`{name}` is not a reference table of the pipeline"),
                        format!(
                            "declare it under `reference` in pipeline.yaml; declared are: {}",
                            list(&known)
                        ),
                    )
                })?;
            let columns = reference.columns.iter().map(|column| {
                (
                    column.name.clone(),
                    column.column_type,
                    Range::of_type(column.column_type),
                )
            });
            scope.add(name, called, columns.collect(), span)?;
            joins.push(ScopeJoin { outer, on });
        }
        if let [table] = scope.tables.as_slice()
            && table.columns.is_empty()
        {
            return Err(Refusal::new(
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
        columns: Vec<(String, ColumnType, Range)>,
        span: Span,
    ) -> Result<(), Refusal> {
        if self.tables.iter().any(|table| table.called == called) {
            return Err(Refusal::new(
                span,
                format!("two tables are called `{called}`"),
                format!("give one of them another name: {source} AS <name>"),
            ));
        }
        // Two underscores do not occur in a reference table's name.
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

    /// The column that a name without a table means, if just one table has it.
    pub(crate) fn column(&self, identifier: &Ident) -> Result<Expression, Refusal> {
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
                    .filter(|table| table.columns.iter().any(|(column, ..)| *column == name))
                    .map(|table| table.called.as_str())
                    .collect();
                Err(Refusal::new(
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

    /// Whether a name means a column of any table.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.tables
            .iter()
            .any(|table| table.columns.iter().any(|(column, ..)| column == name))
    }

    /// The column that `table.column` means.
    pub(crate) fn qualified_column(
        &self,
        parts: &[Ident],
        span: Span,
    ) -> Result<Expression, Refusal> {
        let [table, column] = parts else {
            return Err(Refusal::new(
                span,
                "a column is named by itself or as <table>.<column>",
                "leave out what stands before the table",
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
            return Err(Refusal::new(
                span,
                format!("no table in FROM is called `{table_name}`"),
                format!("use one of: {}", list(&known)),
            ));
        };
        table
            .column(index, &column_name)
            .ok_or_else(|| self.unknown_column(&column_name, span, std::slice::from_ref(table)))
    }

    fn unknown_column(&self, name: &str, span: Span, tables: &[ScopeTable]) -> Refusal {
        let columns: Vec<&str> = tables
            .iter()
            .flat_map(|table| table.columns.iter().map(|(column, ..)| column.as_str()))
            .collect();
        Refusal::new(
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
            .find(|(column, ..)| column == name)
            .map(|(name, column_type, range)| Expression {
                node: Node::Column {
                    table,
                    name: name.clone(),
                },
                value_type: Type::Column(*column_type),
                range: *range,
            })
    }
}

/// A stream column with the values that its rules leave.
fn stream_column(column: &Column) -> (String, ColumnType, Range) {
    let range = match (&column.rules, Range::of_type(column.column_type)) {
        (Rules::Integer(rules), Range::Integer(all)) => {
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
            Range::Integer(Integers::new(min, max.max(min)))
        }
        (Rules::Double(rules), Range::Double(all)) => {
            let (min, max) = (rules.min.unwrap_or(all.min), rules.max.unwrap_or(all.max));
            Range::Double(Doubles::new(min, max.max(min)))
        }
        (_, all) => all,
    };
    (column.name.clone(), column.column_type, range)
}

/// A plain table in FROM: its name, what it is called, and where it stands.
fn table(factor: &TableFactor) -> Result<(String, String, Span), Refusal> {
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
        return Err(Refusal::new(
            span,
            "only the stream and reference tables can be read; subqueries and table functions are not supported",
            "name events or a reference table",
        ));
    };
    let name = table_name(name, span)?;
    let called = match alias {
        Some(alias) if alias.columns.is_empty() && alias.at.is_none() => name_of(&alias.name)?,
        Some(_) => {
            return Err(Refusal::new(
                span,
                "renaming a table's columns is not supported",
                "rename them in SELECT: <column> AS <name>",
            ));
        }
        None => name.clone(),
    };
    Ok((name, called, span))
}

fn table_name(name: &ObjectName, span: Span) -> Result<String, Refusal> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(identifier)] => name_of(identifier),
        _ => Err(Refusal::new(
            span,
            "tables are named without a database: a view reads its own pipeline's",
            "write the table's name alone",
        )),
    }
}

/// Whether the join keeps events without a match.
fn join_kind(operator: &JoinOperator, span: Span) -> Result<bool, Refusal> {
    match operator {
        JoinOperator::Join(_) | JoinOperator::Inner(_) => Ok(false),
        JoinOperator::Left(_) | JoinOperator::LeftOuter(_) => Ok(true),
        JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_) => {
            Err(Refusal::new(
                span,
                "rows of the reference table without an event would appear once for each batch of events",
                "use INNER JOIN or LEFT JOIN",
            ))
        }
        _ => Err(Refusal::new(
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
