//! Typed expressions as SQL text.
//!
//! Both engines read the same text, except where DataFusion's order of doubles would show. There, a comparison that can
//! meet zeros of both signs or NaN is guarded, so that its result is Athena's.

use twinlake_pipeline::ColumnType;

use crate::expression::{Arithmetic, Comparison, Expression, Function, Literal, Logic, Node, Unit};
use crate::interval::{DoubleInterval, Interval};

/// The engine that a partial statement is written for.
///
/// Both engines compute the same keys and states. The statements differ in the truncation of dates, in conversions of
/// text, and in guards around comparisons of doubles.
///
/// ```
/// use std::path::Path;
/// use twinlake_pipeline::Definition;
/// use twinlake_views::{Dialect, compile};
///
/// # let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
/// let definition = Definition::from_folder(&folder)?;
/// let view = compile("frost", "SELECT deviceid FROM events WHERE temp < 0", &definition)?;
///
/// let athena = view.partial(Dialect::Athena, &str::to_owned);
/// assert!(athena.ends_with(r#"WHERE "events"."temp" < 0E0"#));
///
/// // -0.0 < 0.0 in DataFusion: adding 0.0 removes the sign of a zero.
/// let datafusion = view.partial(Dialect::DataFusion, &str::to_owned);
/// assert!(datafusion.ends_with(r#"WHERE ("events"."temp" + 0E0) < 0E0"#));
/// # Ok::<(), twinlake_pipeline::Diagnostics>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Athena engine version 3, which is Trino. Doubles compare as IEEE 754 defines: `-0.0 = 0.0`, and NaN equals
    /// nothing.
    Athena,
    /// DataFusion. Doubles compare by the `totalOrder` predicate of IEEE 754: `-0.0 < 0.0`, and NaN equals itself and
    /// exceeds all else.
    DataFusion,
}

/// An expression's writer. Its functions write the leaves.
pub(crate) struct Renderer<'a> {
    /// The engine that reads the text.
    pub(crate) dialect: Dialect,
    /// The text of a column, given the table's index and the column's name.
    pub(crate) column: &'a dyn Fn(usize, &str) -> String,
    /// The text of a group key, given the key's index.
    pub(crate) key: &'a dyn Fn(usize) -> String,
    /// The text of an aggregate, given the aggregate's index.
    pub(crate) aggregate: &'a dyn Fn(usize) -> String,
}

impl Renderer<'_> {
    /// The expression's text. [`Renderer::operand`] writes it within another expression.
    pub(crate) fn text(&self, expression: &Expression) -> String {
        match &expression.node {
            Node::Column { table, name } => (self.column)(*table, name),
            Node::Key(index) => (self.key)(*index),
            Node::Aggregate(index) => (self.aggregate)(*index),
            Node::Literal(literal) => literal_text(literal, expression.column_type()),
            Node::Cast(operand) => cast(&self.text(operand), expression.column_type()),
            Node::Negate(operand) => format!("-{}", self.operand(operand)),
            Node::Arithmetic(operator, left, right) => {
                self.infix(left, arithmetic_symbol(*operator), right)
            }
            Node::Compare(comparison, left, right) => self.comparison(*comparison, left, right),
            Node::Logic(Logic::And, left, right) => self.infix(left, "AND", right),
            Node::Logic(Logic::Or, left, right) => self.infix(left, "OR", right),
            Node::Not(operand) => format!("NOT {}", self.operand(operand)),
            Node::IsNull(operand) => format!("{} IS NULL", self.operand(operand)),
            Node::Like(operand, pattern) => {
                format!("{} LIKE {}", self.operand(operand), quoted_text(pattern))
            }
            Node::In(operand, list) => {
                format!("{} IN ({})", self.operand(operand), self.list(list))
            }
            Node::Case(branches, otherwise) => self.case(branches, otherwise),
            Node::Coalesce(operands) => format!("coalesce({})", self.list(operands)),
            Node::NullIf(left, right) => self.null_if(left, right),
            Node::Call(function, operands) => self.call(*function, operands),
        }
    }

    /// The expression's text as an operand: in parentheses if an operator stands outermost in it.
    pub(crate) fn operand(&self, expression: &Expression) -> String {
        let text = self.text(expression);
        match &expression.node {
            Node::Column { .. }
            | Node::Literal(_)
            | Node::Key(_)
            | Node::Cast(_)
            | Node::Case(..)
            | Node::Coalesce(_) => text,
            Node::Call(function, _) if *function != Function::Concatenate => text,
            _ => format!("({text})"),
        }
    }

    fn list(&self, expressions: &[Expression]) -> String {
        expressions
            .iter()
            .map(|expression| self.text(expression))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn infix(&self, left: &Expression, operator: &str, right: &Expression) -> String {
        format!("{} {operator} {}", self.operand(left), self.operand(right))
    }

    fn case(&self, branches: &[(Expression, Expression)], otherwise: &Expression) -> String {
        let branches: String = branches
            .iter()
            .map(|(when, then)| format!(" WHEN {} THEN {}", self.text(when), self.text(then)))
            .collect();
        format!("CASE{branches} ELSE {} END", self.text(otherwise))
    }

    fn null_if(&self, left: &Expression, right: &Expression) -> String {
        if self.nan_guard(left, right).is_none() && !self.zeros_of_both_signs(left, right) {
            return format!("nullif({}, {})", self.text(left), self.text(right));
        }
        let equal = self.comparison(Comparison::Equal, left, right);
        format!("CASE WHEN {equal} THEN NULL ELSE {} END", self.text(left))
    }

    fn call(&self, function: Function, operands: &[Expression]) -> String {
        let name = match function {
            Function::Concatenate => {
                return operands
                    .iter()
                    .map(|part| self.operand(part))
                    .collect::<Vec<_>>()
                    .join(" || ");
            }
            Function::Truncate(unit) => return self.truncate(unit, &operands[0]),
            Function::Extract(unit) => {
                return cast(&self.extract(unit, &operands[0]), ColumnType::BigInt);
            }
            Function::Length => {
                return cast(
                    &format!("length({})", self.list(operands)),
                    ColumnType::BigInt,
                );
            }
            Function::Absolute => "abs",
            Function::Floor => "floor",
            Function::Ceiling => "ceil",
            Function::SquareRoot => "sqrt",
            Function::Round => "round",
            Function::Substring => "substr",
        };
        format!("{name}({})", self.list(operands))
    }

    fn extract(&self, unit: Unit, time: &Expression) -> String {
        format!(
            "EXTRACT({} FROM {})",
            unit.name().to_uppercase(),
            self.text(time)
        )
    }

    /// The start of the unit that a timestamp or a date lies in.
    ///
    /// DataFusion truncates dates, and timestamps to months and years, in nanoseconds of 64 bits, which reach from 1677
    /// to 2262 only. Its statement makes the date of its parts instead.
    fn truncate(&self, unit: Unit, time: &Expression) -> String {
        let column_type = time.column_type();
        let month = match unit {
            _ if self.dialect != Dialect::DataFusion => None,
            Unit::Year => Some("1".to_owned()),
            Unit::Month => Some(self.extract(Unit::Month, time)),
            Unit::Day if column_type == ColumnType::Date => return self.text(time),
            Unit::Day | Unit::Hour | Unit::Minute | Unit::Second => None,
        };
        match month {
            Some(month) => {
                let first = format!("make_date({}, {month}, 1)", self.extract(Unit::Year, time));
                if column_type == ColumnType::Date {
                    first
                } else {
                    cast(&first, column_type)
                }
            }
            None => format!("date_trunc('{}', {})", unit.name(), self.text(time)),
        }
    }

    fn comparison(&self, comparison: Comparison, left: &Expression, right: &Expression) -> String {
        let symbol = comparison_symbol(comparison);
        let plain = if self.zeros_of_both_signs(left, right) {
            format!(
                "{} {symbol} {}",
                self.without_sign_of_zero(left),
                self.without_sign_of_zero(right)
            )
        } else {
            self.infix(left, symbol, right)
        };
        match self.nan_guard(left, right) {
            Some(guard) => {
                let with_nan = if comparison == Comparison::NotEqual {
                    "TRUE"
                } else {
                    "FALSE"
                };
                format!("CASE WHEN {guard} THEN {with_nan} ELSE {plain} END")
            }
            None => plain,
        }
    }

    /// Reports whether DataFusion could have to compare 0.0 with -0.0, which differ there.
    fn zeros_of_both_signs(&self, left: &Expression, right: &Expression) -> bool {
        let zero = |expression: &Expression| {
            matches!(
                expression.interval,
                Interval::Double(DoubleInterval { zero: true, .. })
            )
        };
        self.dialect == Dialect::DataFusion && zero(left) && zero(right)
    }

    /// The operand with 0.0 in place of -0.0. A literal has no sign; for the rest, -0.0 + 0.0 is 0.0.
    fn without_sign_of_zero(&self, expression: &Expression) -> String {
        match expression.node {
            Node::Literal(_) => self.text(expression),
            _ => format!("({} + 0E0)", self.operand(expression)),
        }
    }

    /// The condition under which DataFusion would compare NaN, if an operand can be NaN. A NULL on the other side is
    /// excluded, since the comparison is then NULL in both engines.
    fn nan_guard(&self, left: &Expression, right: &Expression) -> Option<String> {
        if self.dialect != Dialect::DataFusion {
            return None;
        }
        let side = |one: &Expression, other: &Expression| {
            let Interval::Double(DoubleInterval { nan: true, .. }) = one.interval else {
                return None;
            };
            let is_nan = format!("isnan({})", self.text(one));
            Some(if other.is_literal() {
                is_nan
            } else {
                format!("({is_nan} AND {} IS NOT NULL)", self.operand(other))
            })
        };
        match (side(left, right), side(right, left)) {
            (Some(left), Some(right)) => Some(format!("{left} OR {right}")),
            (guard, None) | (None, guard) => guard,
        }
    }
}

/// `text` in a conversion to a type.
pub(crate) fn cast(text: &str, column_type: ColumnType) -> String {
    format!("CAST({text} AS {})", column_type.athena())
}

fn literal_text(literal: &Literal, column_type: ColumnType) -> String {
    match literal {
        Literal::Null => cast("NULL", column_type),
        Literal::String(text) => quoted_text(text),
        Literal::Integer(value)
            if column_type == ColumnType::BigInt && i32::try_from(*value).is_ok() =>
        {
            cast(&value.to_string(), column_type)
        }
        Literal::Integer(value) => value.to_string(),
        // Both engines read a number with an exponent as a double; without one, Athena would read a decimal.
        Literal::Double(value) => format!("{value:E}"),
        Literal::Boolean(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        Literal::Timestamp(text) | Literal::Date(text) => cast(&quoted_text(text), column_type),
    }
}

fn quoted_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn arithmetic_symbol(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Remainder => "%",
    }
}

fn comparison_symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

/// A name in quotes, so that no engine folds its case or takes it for a keyword.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A column of the table or FROM item called `table`.
pub(crate) fn qualified(table: &str, column: &str) -> String {
    format!("{}.{}", quoted(table), quoted(column))
}
