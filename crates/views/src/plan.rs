//! What a view computes, split into what one batch of events gives and what is made of many batches.

use twinlake_pipeline::ColumnType;

use crate::column::ViewColumn;
use crate::expression::Expression;

/// A view's meaning, from which its statements are rendered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// The tables in FROM, the stream first.
    pub(crate) tables: Vec<Table>,
    /// The condition that an event must meet.
    pub(crate) filter: Option<Expression>,
    /// The group keys, or an event-level view's output columns.
    pub(crate) keys: Vec<Key>,
    /// What is aggregated in each group; `None` for an event-level view.
    pub(crate) aggregates: Option<Vec<Aggregate>>,
    /// The final statement's columns over keys and aggregates.
    pub(crate) finals: Vec<Final>,
}

/// A table in FROM.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// Its name: `events` or a reference table's.
    pub(crate) source: String,
    /// The name that statements give it, which does not depend on the view's own alias.
    pub(crate) alias: String,
    /// How it is joined to those before it; `None` for the stream.
    pub(crate) join: Option<Join>,
}

/// How a reference table is joined.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Join {
    /// Whether events without a match are kept.
    pub(crate) outer: bool,
    /// What must be equal: an expression over the tables before it, and one over the table itself.
    pub(crate) equal: Vec<(Expression, Expression)>,
}

/// A group key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    /// Its column in the partial statement.
    pub(crate) column: ViewColumn,
    /// Its value.
    pub(crate) expression: Expression,
}

/// A column of the final statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Final {
    /// The column.
    pub(crate) column: ViewColumn,
    /// Its value, over keys and aggregates.
    pub(crate) expression: Expression,
}

/// An aggregate over the events of a group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aggregate {
    /// What it aggregates.
    pub(crate) function: AggregateFunction,
    /// Over what; `None` for COUNT(*).
    pub(crate) argument: Option<Expression>,
}

/// An aggregate function and how its states come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AggregateFunction {
    /// COUNT
    Count,
    /// SUM of doubles, or of integers too small for a group's sum to leave bigint.
    Sum,
    /// SUM of integers that might: the sums of the multiples of 2^32 and of what remains, neither of which overflows.
    WideSum,
    /// MIN
    Min,
    /// MAX
    Max,
    /// AVG of doubles: a sum and a count.
    Average,
}

/// A mergeable state of an aggregate: one column of the partial statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Number of values.
    Count,
    /// Sum of the values.
    Sum,
    /// Sum of the values' multiples of 2^32.
    High,
    /// Sum of what remains of the values beside their multiples of 2^32.
    Low,
    /// Least value.
    Min,
    /// Greatest value.
    Max,
}

impl AggregateFunction {
    /// Its states, in the order of their columns.
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
    /// Its name in a column's name.
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

    /// The function that merges it.
    pub(crate) fn merge_function(self) -> &'static str {
        match self {
            Self::Count | Self::Sum | Self::High | Self::Low => "sum",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

impl Aggregate {
    /// Its states as columns, for the aggregate of this index.
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

    /// The type of its result.
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
    /// The states' columns, in their order.
    pub(crate) fn state_columns(&self) -> impl Iterator<Item = (State, ViewColumn)> {
        let aggregates = self.aggregates.iter().flatten().enumerate();
        aggregates.flat_map(|(index, aggregate)| aggregate.columns(index))
    }

    /// Whether the view has one group whether or not there are events: it aggregates without GROUP BY.
    pub(crate) fn one_group(&self) -> bool {
        self.aggregates.is_some() && self.keys.is_empty()
    }
}
