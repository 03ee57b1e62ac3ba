//! The compiler: from a view's text to its plan.

mod aggregate;
mod condition;
mod conversion;
mod function;
mod literal;
mod operator;
mod projection;
mod unknown_function;

use sha2::{Digest, Sha256};
use sqlparser::ast::{BinaryOperator, Expr, Select, Spanned};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::{Definition, Diagnostics};

use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Comparison, Expression, Function, Node};
use crate::interval::Interval;
use crate::limits;
use crate::parse::parse;
use crate::plan::{Aggregate, Join, Plan, Table};
use crate::render::Dialect;
use crate::scope::{Scope, ScopeJoin};
use crate::statement;
use crate::view::View;

/// The stack of the thread that compiles, in bytes. The syntax tree of a chain of operators is as deep as the chain is
/// long, and the parser's own code walks it recursively: the longest text allowed needs about half of this in a debug
/// build.
const STACK_BYTES: usize = 128 << 20;

/// The maximum depth of an expression. Statements are rendered recursively, on the caller's stack.
const MAX_DEPTH: usize = 200;

/// The length of a fingerprint in hexadecimal digits.
const FINGERPRINT_DIGITS: usize = 12;

/// Compiles a view of a pipeline. `name` is the view's name, `sql` is the text of the file `views/<name>.sql`.
///
/// ```
/// use std::path::Path;
/// use twinlake_pipeline::Definition;
/// use twinlake_views::{Dialect, compile};
///
/// # let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
/// let definition = Definition::from_folder(&folder)?;
/// let sql = "
/// SELECT deviceid, AVG(temp) AS mean
/// FROM events
/// WHERE temp > 10
/// GROUP BY deviceid";
/// let view = compile("means", sql, &definition)?;
///
/// // Events to partials, as DataFusion computes them for a speed segment. Athena computes the same.
/// assert_eq!(
///     view.partial(Dialect::DataFusion, &str::to_owned),
///     r#"SELECT
///     "events"."deviceid" AS "deviceid",
///     CAST(sum("events"."temp") AS double) AS "p0_sum",
///     CAST(count("events"."temp") AS bigint) AS "p0_count"
/// FROM events AS "events"
/// WHERE "events"."temp" > 1E1
/// GROUP BY 1"#
/// );
/// // Partials to one partial for each group.
/// assert_eq!(
///     view.merge("runs"),
///     r#"SELECT
///     "partials"."deviceid",
///     CAST(sum("partials"."p0_sum") AS double) AS "p0_sum",
///     CAST(sum("partials"."p0_count") AS bigint) AS "p0_count"
/// FROM runs AS "partials"
/// GROUP BY "partials"."deviceid""#
/// );
/// // Partials to the view's own columns.
/// assert_eq!(
///     view.finalize("runs"),
///     r#"SELECT
///     "partials"."deviceid" AS "deviceid",
///     CAST(sum("partials"."p0_sum") / nullif(sum("partials"."p0_count"), 0) AS double) AS "mean"
/// FROM runs AS "partials"
/// GROUP BY "partials"."deviceid""#
/// );
/// # Ok::<(), twinlake_pipeline::Diagnostics>(())
/// ```
///
/// # Errors
/// A diagnostic of the file `views/<name>.sql` if the SQL cannot be merged exactly, does not mean the same in Athena and
/// DataFusion, or could fail on an event. It has the place, the reason and the replacement to write.
///
/// ```
/// # use std::path::Path;
/// # use twinlake_pipeline::Definition;
/// # use twinlake_views::compile;
/// # let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
/// # let definition = Definition::from_folder(&folder)?;
/// let sql = "\
/// SELECT deviceid, COUNT(*) AS readings
/// FROM events
/// GROUP BY deviceid
/// HAVING COUNT(*) > 5";
/// let diagnostics = compile("busy", sql, &definition).unwrap_err();
/// assert_eq!(
///     diagnostics.render(),
///     "\
/// error: HAVING cannot be merged: a group meets it or not only once all its partials are merged
///  --> views/busy.sql:4:8
///   |
/// 4 | HAVING COUNT(*) > 5
///   |        ^^^^^^^^^^^^
///   |
///   = help: keep the column in the view, and filter in the queries that read it"
/// );
/// # Ok::<(), twinlake_pipeline::Diagnostics>(())
/// ```
pub fn compile(name: &str, sql: &str, definition: &Definition) -> Result<View, Diagnostics> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || compile_here(name, sql, definition))
            .expect("a process that compiles views may start a thread");
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn compile_here(name: &str, sql: &str, definition: &Definition) -> Result<View, Diagnostics> {
    let plan = parse(sql)
        .and_then(|select| plan(&select, definition))
        .and_then(|plan| limits::check_statements(&plan).map(|()| plan))
        .map_err(|diagnostic| diagnostic.in_view(name, sql))?;
    let mut references: Vec<String> = plan
        .tables
        .iter()
        .skip(1)
        .map(|table| table.source.clone())
        .collect();
    references.sort();
    references.dedup();
    Ok(View {
        name: name.to_owned(),
        keys: plan.keys.iter().map(|key| key.column.clone()).collect(),
        states: plan.state_columns().map(|(_, column)| column).collect(),
        columns: plan
            .finals
            .iter()
            .map(|column| column.column.clone())
            .collect(),
        fingerprint: fingerprint(&plan, &references, definition),
        references,
        plan,
    })
}

fn plan(select: &Select, definition: &Definition) -> Result<Plan, SqlDiagnostic> {
    let (scope, joins) = Scope::new(select, definition)?;
    let mut compiler = Compiler {
        scope: &scope,
        aggregates: Vec::new(),
        stage: Stage::Partial("FROM"),
        depth: 0,
    };
    let joins = joins
        .iter()
        .enumerate()
        .map(|(index, join)| compiler.join(join, index + 1));
    let joins: Vec<Join> = joins.collect::<Result<_, _>>()?;
    let tables = scope
        .tables()
        .iter()
        .zip(std::iter::once(None).chain(joins.into_iter().map(Some)));
    let tables = tables
        .map(|(table, join)| Table {
            source: table.source.clone(),
            alias: table.alias.clone(),
            join,
        })
        .collect();
    compiler.stage = Stage::Partial("WHERE");
    let filter = select
        .selection
        .as_ref()
        .map(|condition| compiler.condition(condition))
        .transpose()?;
    let projection = compiler.projection(select)?;
    Ok(Plan {
        tables,
        filter,
        keys: projection.keys,
        aggregates: projection.aggregates,
        finals: projection.finals,
    })
}

/// A hash of all that the view's rows depend on. The statements are rendered from the plan, in which the text's layout
/// and aliases of tables do not show.
fn fingerprint(plan: &Plan, references: &[String], definition: &Definition) -> String {
    let source = |name: &str| name.to_owned();
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    part(&statement::partial(plan, Dialect::Athena, &source));
    part(&statement::partial(plan, Dialect::DataFusion, &source));
    part(&statement::merge(plan, "rows"));
    part(&statement::finalize(plan, "rows"));
    part(&definition.decode_id());
    for reference in definition
        .references
        .iter()
        .filter(|reference| references.contains(&reference.name))
    {
        part(&reference.name);
        part(&reference.sha256);
        for column in &reference.columns {
            part(&column.name);
            part(column.column_type.name());
        }
    }
    let mut digits = hex::encode(hash.finalize());
    digits.truncate(FINGERPRINT_DIGITS);
    digits
}

/// The statement that computes an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The partial statement, which both engines run over events. The expression stands in the clause of this name.
    Partial(&'static str),
    /// The final statement, which Athena alone runs. The expression stands in SELECT of an aggregating view, outside of
    /// aggregates.
    Final,
}

/// The translation of syntax into typed expressions.
struct Compiler<'a> {
    scope: &'a Scope,
    aggregates: Vec<Aggregate>,
    stage: Stage,
    depth: usize,
}

impl Compiler<'_> {
    fn is_final(&self) -> bool {
        self.stage == Stage::Final
    }

    /// Compiles an aggregate's argument, which the partial statement computes for each event.
    fn in_aggregate<T>(
        &mut self,
        span: Span,
        compile: impl FnOnce(&mut Self) -> Result<T, SqlDiagnostic>,
    ) -> Result<T, SqlDiagnostic> {
        match self.stage {
            Stage::Partial(clause) => Err(SqlDiagnostic::new(
                span,
                format!("an aggregate cannot stand in {clause}"),
                "aggregate in SELECT, and filter groups in the queries that read the view",
            )),
            Stage::Final => {
                self.stage = Stage::Partial("another aggregate");
                let compiled = compile(self);
                self.stage = Stage::Final;
                compiled
            }
        }
    }

    /// The index of the aggregate. Equal aggregates in the text share one.
    fn add_aggregate(&mut self, aggregate: Aggregate) -> usize {
        self.aggregates
            .iter()
            .position(|known| *known == aggregate)
            .unwrap_or_else(|| {
                self.aggregates.push(aggregate);
                self.aggregates.len() - 1
            })
    }

    fn expression(&mut self, expression: &Expr) -> Result<Expression, SqlDiagnostic> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SqlDiagnostic::new(
                expression.span(),
                format!("the expression is nested more than {MAX_DEPTH} deep"),
                "use IN for long lists, or split the view",
            ));
        }
        let compiled = self.expression_here(expression)?;
        limits::check_expression(&compiled, !self.is_final(), expression.span())?;
        self.depth -= 1;
        Ok(compiled)
    }

    fn expression_here(&mut self, expression: &Expr) -> Result<Expression, SqlDiagnostic> {
        let span = expression.span();
        match expression {
            Expr::Identifier(name) => self.scope.column(name),
            Expr::CompoundIdentifier(parts) => self.scope.qualified_column(parts, span),
            Expr::Nested(inner) => self.expression(inner),
            Expr::Value(value) => literal::literal(value),
            Expr::TypedString(typed) => literal::typed_string(typed),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr, span),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, span),
            Expr::IsNull(operand) => self.is_null(operand, false),
            Expr::IsNotNull(operand) => self.is_null(operand, true),
            Expr::InList {
                expr,
                list,
                negated,
            } => self.in_list(expr, list, *negated, span),
            Expr::Between {
                expr,
                negated,
                low,
                high,
            } => self.between(expr, (low, high), *negated, span),
            Expr::Like {
                negated,
                any: false,
                expr,
                pattern,
                escape_char,
            } => self.like(expr, pattern, escape_char.as_ref(), *negated, span),
            Expr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => self.case(operand.as_deref(), conditions, else_result.as_deref(), span),
            Expr::Cast {
                kind,
                expr,
                data_type,
                array: false,
                format: None,
            } => self.cast(kind, expr, data_type, span),
            Expr::Extract { field, expr, .. } => self.extract(field, expr, span),
            Expr::Floor { expr, field } => self.whole(Function::Floor, expr, field, span),
            Expr::Ceil { expr, field } => self.whole(Function::Ceiling, expr, field, span),
            Expr::Substring {
                expr,
                substring_from: Some(start),
                substring_for,
                ..
            } => self.substring(expr, start, substring_for.as_deref()),
            Expr::Function(call) => self.call(call),
            Expr::Trim { .. } => Err(unknown_function::unknown_function("trim", span)),
            Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => {
                Err(SqlDiagnostic::new(
                    span,
                    "subqueries are not supported: a batch of events does not hold the others",
                    "join a reference table, or use the subquery in the queries that read the view",
                ))
            }
            Expr::ILike { .. } | Expr::SimilarTo { .. } | Expr::RLike { .. } => {
                Err(SqlDiagnostic::new(
                    span,
                    "Athena has no such operator",
                    "use LIKE; `lower` in pipeline.yaml makes the case of a column uniform",
                ))
            }
            Expr::AtTimeZone { .. } | Expr::Interval(_) => Err(SqlDiagnostic::new(
                span,
                "time zones and intervals do not mean the same in both engines",
                "keep timestamps in UTC, and shift them in the queries that read the view",
            )),
            _ => Err(SqlDiagnostic::new(
                span,
                "this expression is not known to mean the same in both engines",
                "use columns, constants, operators, CASE, CAST and the functions of docs/views.md",
            )),
        }
    }

    fn join(&mut self, join: &ScopeJoin<'_>, table: usize) -> Result<Join, SqlDiagnostic> {
        self.stage = Stage::Partial("ON");
        let mut equal = Vec::new();
        for condition in conjunction(join.on) {
            equal.push(self.join_equality(condition, table)?);
        }
        Ok(Join {
            outer: join.outer,
            equal,
        })
    }

    /// The two sides of an equality: one over the tables before, and one over the joined table.
    fn join_equality(
        &mut self,
        condition: &Expr,
        table: usize,
    ) -> Result<(Expression, Expression), SqlDiagnostic> {
        let span = condition.span();
        let no_equality = || {
            SqlDiagnostic::new(
                span,
                "the condition of a join is an equality between an expression over the tables before and one over the \
                 joined table",
                "write ON <event's column> = <reference's column> AND …, and move other conditions to WHERE",
            )
        };
        let compiled = self.condition(condition)?;
        let Node::Compare(Comparison::Equal, left, right) = compiled.node else {
            return Err(no_equality());
        };
        if matches!(left.interval, Interval::Double(_)) {
            return Err(SqlDiagnostic::new(
                span,
                "doubles are not joined by equality: the engines match -0.0 and 0.0 differently",
                "join by a text, an integer, a date or a timestamp",
            ));
        }
        let joined_only = |side: &Expression| {
            let tables = side.tables();
            !tables.is_empty() && tables.iter().all(|index| *index == table)
        };
        let before_only = |side: &Expression| {
            let tables = side.tables();
            !tables.is_empty() && tables.iter().all(|index| *index < table)
        };
        if before_only(&left) && joined_only(&right) {
            Ok((*left, *right))
        } else if joined_only(&left) && before_only(&right) {
            Ok((*right, *left))
        } else {
            Err(no_equality())
        }
    }
}

/// The conditions of a conjunction.
fn conjunction(condition: &Expr) -> Vec<&Expr> {
    match condition {
        Expr::Nested(inner) => conjunction(inner),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            let mut conditions = conjunction(left);
            conditions.extend(conjunction(right));
            conditions
        }
        condition => vec![condition],
    }
}
