//! What may be a name in a pipeline.

/// The most characters of a pipeline's name: with prefixes and suffixes it must fit into the 64 that AWS allows for
/// the names of functions and roles.
const PIPELINE_NAME_LENGTH: usize = 32;

/// The most characters of any other name: with suffixes it must fit into the 255 that Glue allows.
const NAME_LENGTH: usize = 128;

/// The columns by which Firehose's folders partition the raw table.
const RAW_PARTITIONS: [&str; 4] = ["year", "month", "day", "hour"];

/// Tables and views that every pipeline has.
const OWN_TABLES: [&str; 2] = ["raw", "events"];

/// What a name names; each kind has its own reserved words.
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

/// Says why `name` cannot be the name of a `kind`.
pub(crate) fn check(name: &str, kind: Kind) -> Result<(), String> {
    let noun = kind.noun();
    let of_characters =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let longest = if kind == Kind::Pipeline {
        PIPELINE_NAME_LENGTH
    } else {
        NAME_LENGTH
    };
    if name.starts_with('_') {
        return Err(format!(
            "the {noun} name `{name}` begins with `_`, which is kept for Twinlake's own columns"
        ));
    }
    if !name.starts_with(|first: char| first.is_ascii_lowercase())
        || !name.bytes().all(of_characters)
    {
        return Err(format!(
            "the {noun} name `{name}` is not a lower-case letter followed by a-z, 0-9 and `_`"
        ));
    }
    if name.len() > longest {
        return Err(format!(
            "the {noun} name `{name}` is longer than {longest} characters"
        ));
    }
    if kind == Kind::StreamColumn && RAW_PARTITIONS.contains(&name) {
        return Err(format!(
            "the {noun} name `{name}` is taken: it is a partition of the raw table"
        ));
    }
    if matches!(kind, Kind::Reference | Kind::View) {
        if OWN_TABLES.contains(&name) {
            return Err(format!(
                "the {noun} name `{name}` is taken: every pipeline has a table of that name"
            ));
        }
        if name.contains("__") {
            return Err(format!(
                "the {noun} name `{name}` holds `__`, which is kept for derived tables"
            ));
        }
    }
    Ok(())
}
