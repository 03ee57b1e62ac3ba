//! A compiled view.

use crate::plan::{Plan, ViewColumn};
use crate::render::Dialect;
use crate::statement;

/// The kind of a view's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One row for each group of events.
    Aggregating,
    /// One row for each event that passes WHERE.
    EventLevel,
}

/// A compiled view: its columns and its three statements, partial, merge and final.
///
/// Their composition is the view's own SQL: `final(merge(partial(a) ∪ partial(b))) = view(a ∪ b)` for any events `a`
/// and `b`. Sums of doubles depend on the order of addition and agree to 1e-9 relative.
///
/// The statements read *FROM items* that the caller chooses. A FROM item is the name of a table or a query in
/// parentheses, without an alias.
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

    /// The kind of the view's rows.
    pub fn kind(&self) -> Kind {
        match self.plan.aggregates {
            Some(_) => Kind::Aggregating,
            None => Kind::EventLevel,
        }
    }

    /// The first columns of partial and merge: the group keys, or the output columns of an event-level view.
    pub fn keys(&self) -> &[ViewColumn] {
        &self.keys
    }

    /// The further columns of partial and merge: the mergeable states `p<i>_<state>` of the view's aggregates.
    pub fn states(&self) -> &[ViewColumn] {
        &self.states
    }

    /// The columns of final, as the view's SQL lists them.
    pub fn columns(&self) -> &[ViewColumn] {
        &self.columns
    }

    /// The names of the reference tables that the view joins, each once, in alphabetical order.
    pub fn references(&self) -> &[String] {
        &self.references
    }

    /// The partial statement: turns events into keys and states.
    ///
    /// `source` returns the FROM item of a table, given its name: `events` for the stream, or a reference table's. The
    /// FROM item must have the declared columns with the declared types.
    ///
    /// In DataFusion's answer, text may have another of Arrow's representations than that of [`ColumnType::arrow`].
    ///
    /// ```
    /// # use std::path::Path;
    /// # use twinlake_pipeline::Definition;
    /// # use twinlake_views::{Dialect, compile};
    /// # let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
    /// let definition = Definition::from_folder(&folder)?;
    /// let sql = "SELECT deviceid, temp FROM events WHERE temp > 100";
    /// let view = compile("hot", sql, &definition)?;
    /// assert_eq!(
    ///     view.partial(Dialect::Athena, &|table| format!("lake.{table}")),
    ///     r#"SELECT
    ///     "events"."deviceid" AS "deviceid",
    ///     "events"."temp" AS "temp"
    /// FROM lake.events AS "events"
    /// WHERE "events"."temp" > 1E2"#
    /// );
    /// # Ok::<(), twinlake_pipeline::Diagnostics>(())
    /// ```
    ///
    /// [`ColumnType::arrow`]: twinlake_pipeline::ColumnType::arrow
    pub fn partial(&self, dialect: Dialect, source: &dyn Fn(&str) -> String) -> String {
        statement::partial(&self.plan, dialect, source)
    }

    /// The merge statement, in Athena's dialect: merges the keys and states of the FROM item `rows` into one row for each
    /// group. The rows of an event-level view pass unchanged.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use twinlake_pipeline::Definition;
    /// # use twinlake_views::compile;
    /// # let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
    /// let definition = Definition::from_folder(&folder)?;
    /// let sql = "SELECT deviceid, MAX(temp) AS highest FROM events GROUP BY deviceid";
    /// let view = compile("highs", sql, &definition)?;
    /// assert_eq!(
    ///     view.merge("runs"),
    ///     r#"SELECT
    ///     "partials"."deviceid",
    ///     CAST(max("partials"."p0_max") AS double) AS "p0_max"
    /// FROM runs AS "partials"
    /// GROUP BY "partials"."deviceid""#
    /// );
    /// # Ok::<(), twinlake_pipeline::Diagnostics>(())
    /// ```
    pub fn merge(&self, rows: &str) -> String {
        statement::merge(&self.plan, rows)
    }

    /// The final statement, in Athena's dialect: computes the view's rows from the keys and states of the FROM item `rows`.
    /// It merges them, so that several rows of `rows` may belong to one group.
    ///
    /// The method is not called `final`, which is a reserved word of Rust.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use twinlake_pipeline::Definition;
    /// # use twinlake_views::compile;
    /// # let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
    /// let definition = Definition::from_folder(&folder)?;
    /// let sql = "SELECT deviceid, MAX(temp) AS highest FROM events GROUP BY deviceid";
    /// let view = compile("highs", sql, &definition)?;
    /// assert_eq!(
    ///     view.finalize("(SELECT * FROM runs UNION ALL SELECT * FROM segments)"),
    ///     r#"SELECT
    ///     "partials"."deviceid" AS "deviceid",
    ///     CAST(max("partials"."p0_max") AS double) AS "highest"
    /// FROM (SELECT * FROM runs UNION ALL SELECT * FROM segments) AS "partials"
    /// GROUP BY "partials"."deviceid""#
    /// );
    /// # Ok::<(), twinlake_pipeline::Diagnostics>(())
    /// ```
    pub fn finalize(&self, rows: &str) -> String {
        statement::finalize(&self.plan, rows)
    }

    /// The fingerprint: twelve hexadecimal digits of a SHA-256 over all that the view's rows depend on. These are the
    /// three statements, the decoding of events, and the content of the reference tables that the view joins. Layout,
    /// comments and aliases in the view's text do not change it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
