//! Typed expressions: what a view's text means, with every name resolved and every conversion explicit.

use twinlake_pipeline::ColumnType;

use crate::interval::{Integers, Range};

/// The type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// A column's type.
    Column(ColumnType),
    /// A literal such as `0.05`: a decimal in Athena and a double in DataFusion, so that it must become a double.
    Decimal,
    /// A NULL whose type nothing says yet.
    Null,
}

impl std::fmt::Display for Type {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Column(column_type) => column_type.athena(),
            Self::Decimal => "decimal",
            Self::Null => "unknown",
        })
    }
}

/// An expression with its type and the values it can take.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression {
    /// What it computes.
    pub(crate) node: Node,
    /// Of which type.
    pub(crate) value_type: Type,
    /// Which values it can take.
    pub(crate) range: Range,
}

/// What an expression computes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// A column of a table in FROM.
    Column {
        /// The table's index in FROM.
        table: usize,
        /// The column's name.
        name: String,
    },
    /// A constant.
    Literal(Literal),
    /// The operand, converted to the expression's type.
    Cast(Box<Expression>),
    /// `-x`
    Negate(Box<Expression>),
    /// `left + right` and its like, both of the expression's type.
    Arithmetic(Arithmetic, Box<Expression>, Box<Expression>),
    /// `left = right` and its like, both of one type.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `left AND right`, `left OR right`
    Logic(Logic, Box<Expression>, Box<Expression>),
    /// `NOT x`
    Not(Box<Expression>),
    /// `x IS NULL`
    IsNull(Box<Expression>),
    /// `x LIKE 'pattern'`
    Like(Box<Expression>, String),
    /// `x IN (a, b)`, all of one type, which is not double.
    In(Box<Expression>, Vec<Expression>),
    /// `CASE WHEN condition THEN value … ELSE otherwise END`
    Case(Vec<(Expression, Expression)>, Box<Expression>),
    /// `coalesce(a, b, …)`
    Coalesce(Vec<Expression>),
    /// `nullif(a, b)`, both of one type.
    NullIf(Box<Expression>, Box<Expression>),
    /// A call of a function that means the same in both engines.
    Call(Function, Vec<Expression>),
    /// A group key, by its index; only in the final statement.
    Key(usize),
    /// An aggregate, by its index; only in the final statement.
    Aggregate(usize),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// NULL of the expression's type.
    Null,
    /// Text.
    String(String),
    /// A whole number without a sign.
    Integer(i64),
    /// A finite double without a sign.
    Double(f64),
    /// TRUE or FALSE.
    Boolean(bool),
    /// `YYYY-MM-DD HH:MM:SS.mmm`, UTC.
    Timestamp(String),
    /// `YYYY-MM-DD`
    Date(String),
}

/// An operator of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, of doubles only.
    Divide,
    /// `%`, of whole numbers only.
    Remainder,
}

/// An operator of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// An operator that joins conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logic {
    /// `AND`
    And,
    /// `OR`
    Or,
}

/// A function that means the same in both engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// `abs(x)`
    Absolute,
    /// `floor(x)` of a double
    Floor,
    /// `ceil(x)` of a double
    Ceiling,
    /// `sqrt(x)` of a double; only in the final statement, which Athena alone runs.
    SquareRoot,
    /// `round(x)`, `round(x, digits)` of a double; only in the final statement, which Athena alone runs.
    Round,
    /// `length(x)` in characters
    Length,
    /// `substr(x, start)`, `substr(x, start, length)` in characters
    Substring,
    /// `a || b`
    Concatenate,
    /// `date_trunc('unit', x)`
    Truncate(Unit),
    /// `EXTRACT(unit FROM x)`
    Extract(Unit),
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Calendar year.
    Year,
    /// Month, from 1 where it is extracted.
    Month,
    /// Day of the month, from 1 where it is extracted.
    Day,
    /// Hour of the day, UTC.
    Hour,
    /// Minute of the hour.
    Minute,
    /// Second of the minute.
    Second,
}

impl Unit {
    /// All units, longest first.
    pub(crate) const ALL: [Self; 6] = [
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Hour,
        Self::Minute,
        Self::Second,
    ];

    /// The unit of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.name().eq_ignore_ascii_case(name))
    }

    /// Its name in SQL.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }

    /// Whether it divides a day.
    pub(crate) fn of_day(self) -> bool {
        matches!(self, Self::Hour | Self::Minute | Self::Second)
    }

    /// What extracting it can give.
    pub(crate) fn values(self) -> Integers {
        match self {
            // Timestamps of 64 bits in milliseconds reach about 292 million years either way.
            Self::Year => Integers::new(-300_000_000, 300_000_000),
            Self::Month => Integers::new(1, 12),
            Self::Day => Integers::new(1, 31),
            Self::Hour => Integers::new(0, 23),
            Self::Minute | Self::Second => Integers::new(0, 59),
        }
    }
}

impl Expression {
    /// An expression of a column's type, of whose values nothing but the type is known.
    pub(crate) fn new(node: Node, column_type: ColumnType) -> Self {
        Self {
            node,
            value_type: Type::Column(column_type),
            range: Range::of_type(column_type),
        }
    }

    /// The same with what is known of its values.
    pub(crate) fn with_range(self, range: Range) -> Self {
        Self { range, ..self }
    }

    /// A condition.
    pub(crate) fn condition(node: Node) -> Self {
        Self::new(node, ColumnType::Boolean)
    }

    /// Whether it is a constant.
    pub(crate) fn is_literal(&self) -> bool {
        matches!(self.node, Node::Literal(_))
    }

    /// Its operands, in order.
    pub(crate) fn operands(&self) -> Vec<&Expression> {
        match &self.node {
            Node::Column { .. } | Node::Literal(_) | Node::Key(_) | Node::Aggregate(_) => {
                Vec::new()
            }
            Node::Cast(operand)
            | Node::Negate(operand)
            | Node::Not(operand)
            | Node::IsNull(operand)
            | Node::Like(operand, _) => vec![operand],
            Node::Arithmetic(_, left, right)
            | Node::Compare(_, left, right)
            | Node::Logic(_, left, right)
            | Node::NullIf(left, right) => vec![left, right],
            Node::In(operand, list) => std::iter::once(operand.as_ref()).chain(list).collect(),
            Node::Case(branches, otherwise) => branches
                .iter()
                .flat_map(|(when, then)| [when, then])
                .chain([otherwise.as_ref()])
                .collect(),
            Node::Coalesce(operands) | Node::Call(_, operands) => operands.iter().collect(),
        }
    }

    /// Its operands, in order, to be replaced.
    pub(crate) fn operands_mut(&mut self) -> Vec<&mut Expression> {
        match &mut self.node {
            Node::Column { .. } | Node::Literal(_) | Node::Key(_) | Node::Aggregate(_) => {
                Vec::new()
            }
            Node::Cast(operand)
            | Node::Negate(operand)
            | Node::Not(operand)
            | Node::IsNull(operand)
            | Node::Like(operand, _) => vec![operand],
            Node::Arithmetic(_, left, right)
            | Node::Compare(_, left, right)
            | Node::Logic(_, left, right)
            | Node::NullIf(left, right) => vec![left, right],
            Node::In(operand, list) => std::iter::once(operand.as_mut()).chain(list).collect(),
            Node::Case(branches, otherwise) => branches
                .iter_mut()
                .flat_map(|(when, then)| [when, then])
                .chain([otherwise.as_mut()])
                .collect(),
            Node::Coalesce(operands) | Node::Call(_, operands) => operands.iter_mut().collect(),
        }
    }

    /// The tables whose columns it reads, by their index in FROM, each once or more.
    pub(crate) fn tables(&self) -> Vec<usize> {
        match &self.node {
            Node::Column { table, .. } => vec![*table],
            _ => self.operands().into_iter().flat_map(Self::tables).collect(),
        }
    }
}

impl Expression {
    /// Its type as a column's: every expression has one once literals have met their types.
    pub(crate) fn column_type(&self) -> ColumnType {
        match self.value_type {
            Type::Column(column_type) => column_type,
            // An aggregate's argument and a condition are never untyped: the compiler refuses or converts them.
            Type::Decimal => ColumnType::Double,
            Type::Null => ColumnType::String,
        }
    }
}
