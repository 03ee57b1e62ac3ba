//! Athena's statements: audits, runs and the texts of the views.
//!
//! A value in a statement is a number, a sequence number, a shard's id or a name that the pipeline's definition has
//! checked. Texts and names are quoted.

mod raw;
mod view;

pub use raw::{Folders, Range, audit, events_view, rejected_view, unread};
pub use view::{batch_view, merged_view, reference_view, run, speed_view};

/// The columns of an identity.
const IDENTITY: &str = "\"_shard\", \"_sequence_number\", \"_subsequence_number\", \"_line\"";

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
