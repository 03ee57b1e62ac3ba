//! Columns of the statements that a view compiles to.

use serde::Serialize;
use twinlake_pipeline::ColumnType;

/// A column of a partial or a final statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ViewColumn {
    /// Its name.
    pub name: String,
    /// Its type: the one that the view's own SQL has in Athena, or that of a state.
    pub column_type: ColumnType,
}
