//! The engines that run the statements.

/// The engine that a statement is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Athena's engine version 3, which is Trino.
    Athena,
    /// DataFusion, which compares doubles as IEEE 754's `totalOrder` does.
    DataFusion,
}

/// A name, quoted so that no engine folds its case or takes it for a keyword.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
