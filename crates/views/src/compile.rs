//! From a view's text to its plan.

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
use twinlake_pipeline::Definition;

use crate::dialect::Dialect;
use crate::error::{Error, Refusal};
use crate::expression::{Comparison, Expression, Function, Node};
use crate::interval::Range;
use crate::limits;
use crate::parse::parse;
use crate::plan::{Aggregate, Join, Plan, Table};
use crate::scope::{Scope, ScopeJoin};
use crate::statement;
use crate::view::View;

/// The stack of the thread that compiles. The parser makes a tree as deep as a chain of operators is long, and the
/// parser's own code walks it recursively: the longest text allowed needs about half of this in a debug build.
const STACK_BYTES: usize = 128 << 20;

/// How deep an expression may be nested: statements are rendered recursively, on the caller's stack.
const MAX_DEPTH: usize = 200;

/// How many digits of the SHA-256 are the fingerprint.
const FINGERPRINT_DIGITS: usize = 12;

/// Compiles a view of a pipeline.
///
/// # Errors
/// Everything that cannot be merged exactly, or does not mean the same in Athena and DataFusion, with its position,
/// the reason and what to do.
pub fn compile(name: &str, sql: &str, definition: &Definition) -> Result<View, Error> {
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

fn compile_here(name: &str, sql: &str, definition: &Definition) -> Result<View, Error> {
    let plan = parse(sql)
        .and_then(|select| plan(&select, definition))
        .and_then(|plan| limits::check_statements(&plan).map(|()| plan))
        .map_err(|refusal| refusal.in_view(name, sql))?;
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

fn plan(select: &Select, definition: &Definition) -> Result<Plan, Refusal> {
    let (scope, joins) = Scope::new(select, definition)?;
    let mut compiler = Compiler {
        scope: &scope,
        aggregates: Vec::new(),
        place: Place::Events("FROM"),
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
    compiler.place = Place::Events("WHERE");
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

/// A hash of all that the view's rows depend on. The statements are rendered from the plan, so that neither the
/// text's layout nor its own names for tables show.
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
    let digits: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    digits[..FINGERPRINT_DIGITS].to_owned()
}

/// Where in a view an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where both engines compute it for each event: in the clause of this name.
    Events(&'static str),
    /// In the projection of an aggregating view, outside of aggregates: Athena alone computes it.
    Final,
}

/// Turns syntax into typed expressions.
struct Compiler<'a> {
    scope: &'a Scope,
    aggregates: Vec<Aggregate>,
    place: Place,
    depth: usize,
}

impl Compiler<'_> {
    fn is_final(&self) -> bool {
        self.place == Place::Final
    }

    /// Compiles an aggregate's argument, which is computed for each event.
    fn in_aggregate<T>(
        &mut self,
        span: Span,
        compile: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        match self.place {
            Place::Events(clause) => Err(Refusal::new(
                span,
                format!("an aggregate cannot stand in {clause}"),
                "aggregate in SELECT, and filter groups in the queries that read the view",
            )),
            Place::Final => {
                self.place = Place::Events("another aggregate");
                let compiled = compile(self);
                self.place = Place::Final;
                compiled
            }
        }
    }

    /// The index of the aggregate, which is computed once however often it stands in the text.
    fn add_aggregate(&mut self, aggregate: Aggregate) -> usize {
        self.aggregates
            .iter()
            .position(|known| *known == aggregate)
            .unwrap_or_else(|| {
                self.aggregates.push(aggregate);
                self.aggregates.len() - 1
            })
    }

    fn expression(&mut self, expression: &Expr) -> Result<Expression, Refusal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::new(
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

    fn expression_here(&mut self, expression: &Expr) -> Result<Expression, Refusal> {
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
            Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => Err(Refusal::new(
                span,
                "subqueries are not supported: a batch of events does not hold the others",
                "join a reference table, or compute it in the queries that read the view",
            )),
            Expr::ILike { .. } | Expr::SimilarTo { .. } | Expr::RLike { .. } => Err(Refusal::new(
                span,
                "Athena has no such operator",
                "use LIKE; `lower` in pipeline.yaml makes a column's case uniform",
            )),
            Expr::AtTimeZone { .. } | Expr::Interval(_) => Err(Refusal::new(
                span,
                "time zones and intervals do not mean the same in both engines",
                "keep timestamps in UTC and shift them in the queries that read the view",
            )),
            _ => Err(Refusal::new(
                span,
                "this expression is not known to mean the same in both engines",
                "use columns, constants, operators, CASE, CAST and the functions of docs/views.md",
            )),
        }
    }

    fn join(&mut self, join: &ScopeJoin<'_>, table: usize) -> Result<Join, Refusal> {
        self.place = Place::Events("ON");
        let mut equal = Vec::new();
        for condition in conjunction(join.on) {
            equal.push(self.join_equality(condition, table)?);
        }
        Ok(Join {
            outer: join.outer,
            equal,
        })
    }

    /// The two sides of an equality: over the tables before, and over the table that is joined.
    fn join_equality(
        &mut self,
        condition: &Expr,
        table: usize,
    ) -> Result<(Expression, Expression), Refusal> {
        let span = condition.span();
        let refusal = || {
            Refusal::new(
                span,
                "a join's condition is equality of an expression over the tables before with one over the joined table",
                "write ON <event's column> = <reference's column> AND …, and put other conditions into WHERE",
            )
        };
        let compiled = self.condition(condition)?;
        let Node::Compare(Comparison::Equal, left, right) = compiled.node else {
            return Err(refusal());
        };
        if matches!(left.range, Range::Double(_)) {
            return Err(Refusal::new(
                span,
                "doubles are not joined by equality: the engines match -0.0 and 0.0 differently",
                "join by a text, a whole number, a date or a timestamp",
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
            Err(refusal())
        }
    }
}

/// The conditions that AND joins.
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
