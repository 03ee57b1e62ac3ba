//! Athena's statements: audits, runs and the texts of the views.
//!
//! A value in a statement is a number, a sequence number, a shard's id or a name that the pipeline's definition has
//! checked. Texts and names are quoted.

mod raw;
mod view;

pub use raw::{Audit, Membership, Part, Range, Unread, dropped_view, events_view, rejected_view};
pub use view::{Run, batch_view, merged_view, reference_view, speed_view};

/// A statement for Athena, before it becomes text.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// The count of raw's identities in some ranges.
    Audit(Audit),
    /// The search for raw rows beyond the ledgers.
    Unread(Unread),
    /// The partials of a planned run, written as objects.
    Run(Box<Run>),
    /// A statement that a person wrote.
    Text(String),
}

impl Statement {
    /// The statement's text in Athena's dialect.
    pub fn text(&self) -> String {
        match self {
            Self::Audit(audit) => audit.text(),
            Self::Unread(unread) => unread.text(),
            Self::Run(run) => run.text(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// A text literal.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A quoted name.
fn name(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

/// `a, b, c`
fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}
