//! The meaning of a view, split into a part for each batch of events and a part over many batches.

use serde::Serialize;
use twinlake_pipeline::ColumnType;

use crate::expression::Expression;

/// A column of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ViewColumn {
    /// The column's name.
    pub name: String,
    /// The column's type: for a column of the view, the type that the view's own SQL gives it in Athena.
    pub column_type: ColumnType,
}

/// A view's meaning, from which its statements are rendered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// The tables in FROM, the stream first.
    pub(crate) tables: Vec<Table>,
    /// The condition in WHERE.
    pub(crate) filter: Option<Expression>,
    /// The group keys, or the output columns of an event-level view.
    pub(crate) keys: Vec<Key>,
    /// The aggregates over each group; `None` for an event-level view.
    pub(crate) aggregates: Option<Vec<Aggregate>>,
    /// The columns of the final statement, over keys and aggregates.
    pub(crate) finals: Vec<Final>,
}

/// A table in FROM.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// `events`, or the name of a reference table.
    pub(crate) source: String,
    /// The table's alias in the statements, which does not depend on the view's own alias.
    pub(crate) alias: String,
    /// The join with the tables before it; `None` for the stream.
    pub(crate) join: Option<Join>,
}

/// The join of a reference table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Join {
    /// `true` for LEFT JOIN, which keeps events without a match.
    pub(crate) outer: bool,
    /// Equalities between an expression over the tables before and one over the joined table.
    pub(crate) equal: Vec<(Expression, Expression)>,
}

/// A group key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    /// The key's column in the partial and the merge statement.
    pub(crate) column: ViewColumn,
    /// The key's value, over the columns of the tables.
    pub(crate) expression: Expression,
}

/// A column of the final statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Final {
    /// The column.
    pub(crate) column: ViewColumn,
    /// The column's value, over keys and aggregates.
    pub(crate) expression: Expression,
}

/// An aggregate over the events of a group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aggregate {
    /// The aggregate function.
    pub(crate) function: AggregateFunction,
    /// The function's argument; `None` for COUNT(*).
    pub(crate) argument: Option<Expression>,
}

/// An aggregate function, which determines the mergeable states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AggregateFunction {
    /// COUNT
    Count,
    /// SUM of doubles, or of integers so small that a group's sum stays within bigint.
    Sum,
    /// SUM of larger integers, as two sums that cannot overflow: of the quotients by 2^32, and of the remainders.
    WideSum,
    /// MIN
    Min,
    /// MAX
    Max,
    /// AVG of doubles, as a sum and a count.
    Average,
}

/// A mergeable state of an aggregate: one column of the partial statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Number of values.
    Count,
    /// Sum of the values.
    Sum,
    /// Sum of the values' quotients by 2^32.
    High,
    /// Sum of the values' remainders by 2^32.
    Low,
    /// Least value.
    Min,
    /// Greatest value.
    Max,
}

impl AggregateFunction {
    /// The aggregate function of an SQL name in lower case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "sum" => Some(Self::Sum),
            "count" => Some(Self::Count),
            "min" => Some(Self::Min),
            "max" => Some(Self::Max),
            "avg" => Some(Self::Average),
            _ => None,
        }
    }

    /// The function's states, in the order of their columns.
    pub(crate) fn states(self) -> &'static [State] {
        match self {
            Self::Count => &[State::Count],
            Self::Sum => &[State::Sum],
            Self::WideSum => &[State::High, State::Low],
            Self::Min => &[State::Min],
            Self::Max => &[State::Max],
            Self::Average => &[State::Sum, State::Count],
        }
    }
}

impl State {
    /// The state's part of its column's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::High => "high",
            Self::Low => "low",
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// The aggregate function that merges the state.
    pub(crate) fn merge_function(self) -> &'static str {
        match self {
            Self::Count | Self::Sum | Self::High | Self::Low => "sum",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

impl Aggregate {
    /// The states as columns `p<index>_<state>`. `index` is the aggregate's number in the plan.
    pub(crate) fn columns(&self, index: usize) -> impl Iterator<Item = (State, ViewColumn)> {
        self.function.states().iter().map(move |state| {
            let column = ViewColumn {
                name: format!("p{index}_{}", state.name()),
                column_type: self.state_type(*state),
            };
            (*state, column)
        })
    }

    fn state_type(&self, state: State) -> ColumnType {
        match state {
            State::Count | State::High | State::Low => ColumnType::BigInt,
            State::Sum => match self.argument_type() {
                ColumnType::Double => ColumnType::Double,
                _ => ColumnType::BigInt,
            },
            State::Min | State::Max => self.argument_type(),
        }
    }

    fn argument_type(&self) -> ColumnType {
        let argument = self
            .argument
            .as_ref()
            .expect("only COUNT(*) has no argument, and its state is a count");
        argument.column_type()
    }

    /// The type of the aggregate's result, which is Athena's.
    pub(crate) fn result_type(&self) -> ColumnType {
        match self.function {
            AggregateFunction::Count | AggregateFunction::WideSum => ColumnType::BigInt,
            AggregateFunction::Average => ColumnType::Double,
            AggregateFunction::Sum => self.state_type(State::Sum),
            AggregateFunction::Min | AggregateFunction::Max => self.argument_type(),
        }
    }
}

impl Plan {
    /// The columns of the states, in their order.
    pub(crate) fn state_columns(&self) -> impl Iterator<Item = (State, ViewColumn)> {
        let aggregates = self.aggregates.iter().flatten().enumerate();
        aggregates.flat_map(|(index, aggregate)| aggregate.columns(index))
    }

    /// Reports whether the view aggregates without GROUP BY: it then has one group, even without any event.
    pub(crate) fn one_group(&self) -> bool {
        self.aggregates.is_some() && self.keys.is_empty()
    }
}
