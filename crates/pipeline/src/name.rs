//! Names of pipelines, columns, tables, views and queries.

use crate::diagnostic::Mistake;

/// The maximum number of characters of a pipeline's name. With prefixes and suffixes it must fit into the 64 that AWS
/// allows for the names of functions and roles.
pub(crate) const MAX_PIPELINE_NAME_CHARACTERS: usize = 32;

/// The maximum number of characters of any other name. With suffixes it must fit into the 255 that Glue allows.
pub(crate) const MAX_NAME_CHARACTERS: usize = 128;

/// The columns by which Firehose's folders partition the raw table.
pub(crate) const RAW_PARTITIONS: [&str; 4] = ["year", "month", "day", "hour"];

/// Tables and views that every pipeline has.
pub(crate) const OWN_TABLES: [&str; 2] = ["raw", "events"];

/// The kind of thing that has a name. Each kind has its own reserved words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pipeline,
    StreamColumn,
    ReferenceColumn,
    Reference,
    View,
    Query,
}

impl Kind {
    fn noun(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::StreamColumn | Self::ReferenceColumn => "column",
            Self::Reference => "reference table",
            Self::View => "view",
            Self::Query => "query",
        }
    }
}

/// Checks the name of a `kind`.
///
/// # Errors
/// The reason why the name cannot be taken.
pub(crate) fn check(name: &str, kind: Kind) -> Result<(), Mistake> {
    let noun = kind.noun();
    let of_characters =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let max = if kind == Kind::Pipeline {
        MAX_PIPELINE_NAME_CHARACTERS
    } else {
        MAX_NAME_CHARACTERS
    };
    let mistake = |problem: &str| Mistake::new(format!("the {noun} name `{name}` {problem}"));
    if name.starts_with('_') {
        let problem = "begins with `_`, which is kept for Twinlake's own columns";
        return Err(mistake(problem));
    }
    if !name.starts_with(|first: char| first.is_ascii_lowercase())
        || !name.bytes().all(of_characters)
    {
        let problem = "is not a lower-case letter followed by a-z, 0-9 and `_`";
        return Err(mistake(problem));
    }
    if name.len() > max {
        return Err(mistake(&format!("is longer than {max} characters")));
    }
    if kind == Kind::StreamColumn && RAW_PARTITIONS.contains(&name) {
        let problem = "is taken: it is a partition of the raw table";
        let help = format!("choose another name; with `field: {name}` it reads the same field");
        return Err(mistake(problem).help(help));
    }
    if matches!(kind, Kind::Reference | Kind::View) {
        if OWN_TABLES.contains(&name) {
            let problem = "is taken: every pipeline has a table of that name";
            return Err(mistake(problem));
        }
        if name.contains("__") {
            let problem = "holds `__`, which is kept for derived tables";
            return Err(mistake(problem));
        }
    }
    Ok(())
}
