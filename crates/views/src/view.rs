//! A compiled view.

use crate::column::ViewColumn;
use crate::dialect::Dialect;
use crate::plan::Plan;
use crate::statement;

/// What a view's rows stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Groups of events: its SQL aggregates.
    Aggregating,
    /// Single events: its SQL filters and computes.
    EventLevel,
}

/// A view, split into statements whose composition is the view's own SQL:
/// `final(merge(partial(a) ∪ partial(b))) = view(a ∪ b)` for any events `a` and `b`.
///
/// A FROM item below is a table's name or a parenthesised query, without an alias.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub(crate) name: String,
    pub(crate) plan: Plan,
    pub(crate) keys: Vec<ViewColumn>,
    pub(crate) states: Vec<ViewColumn>,
    pub(crate) columns: Vec<ViewColumn>,
    pub(crate) references: Vec<String>,
    pub(crate) fingerprint: String,
}

impl View {
    /// The view's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it aggregates.
    pub fn kind(&self) -> Kind {
        match self.plan.aggregates {
            Some(_) => Kind::Aggregating,
            None => Kind::EventLevel,
        }
    }

    /// The group keys, or the output columns of an event-level view: the first columns of partial and merge.
    pub fn keys(&self) -> &[ViewColumn] {
        &self.keys
    }

    /// The mergeable states, `p<i>_<function>`: the columns of partial and merge after the keys.
    pub fn states(&self) -> &[ViewColumn] {
        &self.states
    }

    /// The columns of the view itself, as its SQL lists them.
    pub fn columns(&self) -> &[ViewColumn] {
        &self.columns
    }

    /// The reference tables that it joins, each once, in alphabetical order.
    pub fn references(&self) -> &[String] {
        &self.references
    }

    /// The statement that turns events into keys and states. `source` gives the FROM item of the stream, which is
    /// called `events`, and of each reference table; it must have the declared columns with the declared types.
    ///
    /// In DataFusion, text may come out in another of Arrow's representations than [`ColumnType::arrow`]'s.
    ///
    /// [`ColumnType::arrow`]: twinlake_pipeline::ColumnType::arrow
    pub fn partial(&self, dialect: Dialect, source: &dyn Fn(&str) -> String) -> String {
        statement::partial(&self.plan, dialect, source)
    }

    /// The statement in Athena's dialect that merges keys and states from the FROM item `rows` into one row a group.
    /// An event-level view's rows pass as they are.
    pub fn merge(&self, rows: &str) -> String {
        statement::merge(&self.plan, rows)
    }

    /// The statement in Athena's dialect that makes the view's rows of keys and states from the FROM item `rows`,
    /// merged or not.
    pub fn finalize(&self, rows: &str) -> String {
        statement::finalize(&self.plan, rows)
    }

    /// Twelve hexadecimal digits that change if and only if something changes that the view's rows depend on: the
    /// meaning of its SQL, how events are decoded, the content of the reference tables it joins.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
