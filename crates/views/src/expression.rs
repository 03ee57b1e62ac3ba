//! Typed expressions: the meaning of a view's text, with every name resolved and every conversion explicit.

use twinlake_pipeline::ColumnType;

use crate::interval::{IntegerInterval, Interval};

/// The type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// A column's type.
    Column(ColumnType),
    /// The type of a literal such as `0.05`: a decimal in Athena and a double in DataFusion. It must become a double.
    Decimal,
    /// The type of a NULL that has not met another type yet.
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
    /// The operation and its operands.
    pub(crate) node: Node,
    /// The type of the value.
    pub(crate) value_type: Type,
    /// The values that are possible.
    pub(crate) interval: Interval,
}

/// An operation and its operands.
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
    /// The conversion of the operand to the expression's type.
    Cast(Box<Expression>),
    /// `-x`
    Negate(Box<Expression>),
    /// `left + right` and the like; both operands have the expression's type.
    Arithmetic(Arithmetic, Box<Expression>, Box<Expression>),
    /// `left = right` and the like; both operands have one type.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `left AND right`, `left OR right`
    Logic(Logic, Box<Expression>, Box<Expression>),
    /// `NOT x`
    Not(Box<Expression>),
    /// `x IS NULL`
    IsNull(Box<Expression>),
    /// `x LIKE 'pattern'`
    Like(Box<Expression>, String),
    /// `x IN (a, b)`; all operands have one type, which is not double.
    In(Box<Expression>, Vec<Expression>),
    /// `CASE WHEN condition THEN value … ELSE otherwise END`
    Case(Vec<(Expression, Expression)>, Box<Expression>),
    /// `coalesce(a, b, …)`
    Coalesce(Vec<Expression>),
    /// `nullif(a, b)`; both operands have one type.
    NullIf(Box<Expression>, Box<Expression>),
    /// A call of a function that means the same in both engines.
    Call(Function, Vec<Expression>),
    /// The group key of this index; only in the final statement.
    Key(usize),
    /// The aggregate of this index; only in the final statement.
    Aggregate(usize),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// NULL of the expression's type.
    Null,
    /// Text.
    String(String),
    /// An integer without a sign.
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

/// An arithmetic operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, only of doubles.
    Divide,
    /// `%`, only of integers.
    Remainder,
}

/// A comparison operator.
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

/// A logical operator.
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
    /// `sqrt(x)` of a double; only in the final statement, which runs on Athena alone.
    SquareRoot,
    /// `round(x)`, `round(x, digits)` of a double; only in the final statement, which runs on Athena alone.
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
    /// The calendar year.
    Year,
    /// The month; extracted, a number from 1.
    Month,
    /// The day of the month; extracted, a number from 1.
    Day,
    /// The hour of the day in UTC.
    Hour,
    /// The minute of the hour.
    Minute,
    /// The second of the minute.
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

    /// The unit of an SQL name in any case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.name().eq_ignore_ascii_case(name))
    }

    /// The unit's SQL name.
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

    /// Reports whether the unit is a part of a day.
    pub(crate) fn of_day(self) -> bool {
        matches!(self, Self::Hour | Self::Minute | Self::Second)
    }

    /// The values that extracting the unit can give.
    pub(crate) fn values(self) -> IntegerInterval {
        match self {
            // Timestamps in milliseconds of 64 bits reach about 292 million years either way.
            Self::Year => IntegerInterval::new(-300_000_000, 300_000_000),
            Self::Month => IntegerInterval::new(1, 12),
            Self::Day => IntegerInterval::new(1, 31),
            Self::Hour => IntegerInterval::new(0, 23),
            Self::Minute | Self::Second => IntegerInterval::new(0, 59),
        }
    }
}

impl Expression {
    /// An expression of a column's type that can take every value of the type.
    pub(crate) fn new(node: Node, column_type: ColumnType) -> Self {
        Self {
            node,
            value_type: Type::Column(column_type),
            interval: Interval::of_type(column_type),
        }
    }

    /// A NULL that has no type yet.
    pub(crate) fn null() -> Self {
        Self {
            node: Node::Literal(Literal::Null),
            value_type: Type::Null,
            interval: Interval::Other,
        }
    }

    /// A condition: an expression that is true, false or NULL.
    pub(crate) fn condition(node: Node) -> Self {
        Self::new(node, ColumnType::Boolean)
    }

    /// The same expression with narrower possible values.
    pub(crate) fn with_interval(self, interval: Interval) -> Self {
        Self { interval, ..self }
    }

    /// Reports whether the expression is a constant.
    pub(crate) fn is_literal(&self) -> bool {
        matches!(self.node, Node::Literal(_))
    }

    /// The operands, in order.
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

    /// The operands, in order, to be replaced.
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

    /// The indices in FROM of the tables whose columns the expression reads, each once or more.
    pub(crate) fn tables(&self) -> Vec<usize> {
        match &self.node {
            Node::Column { table, .. } => vec![*table],
            _ => self.operands().into_iter().flat_map(Self::tables).collect(),
        }
    }

    /// The expression's type as that of a column.
    pub(crate) fn column_type(&self) -> ColumnType {
        match self.value_type {
            Type::Column(column_type) => column_type,
            // No statement holds an expression of these types: the compiler converts or refuses it. Only the check of
            // sizes may render one before.
            Type::Decimal => ColumnType::Double,
            Type::Null => ColumnType::String,
        }
    }
}
