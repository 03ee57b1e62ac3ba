//! The statements that Athena is asked, and the texts of the views, all in Athena's dialect.
//!
//! Every value written into a statement is a number, a position, a shard id or a name that the pipeline's definition
//! has checked; shard ids are quoted as text.

mod raw;
mod view;

pub use raw::{Folders, Range, events_view, proof, rejected_view, unread};
pub use view::{batch_view, merged_view, reference_view, run, speed_view};

/// Columns by which raw rows are told apart.
const IDENTITY: &str = "\"_shard\", \"_position\", \"_sub\", \"_line\"";

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
