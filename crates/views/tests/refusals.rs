//! Refused views, one file a case: `refusals/<topic>/<case>.sql` holds a view, the line `----` and the rendered
//! diagnostic.
//!
//! A new case is a new file with a view. `UPDATE_GOLDEN=1 cargo test -p twinlake-views --test refusals` writes the
//! diagnostics.

#![allow(clippy::unwrap_used)]

mod support;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use support::pipeline::definition;
use twinlake_views::compile;

/// The line between a view and the diagnostic.
const SEPARATOR: &str = "----\n";

fn is_refused(path: &Path) -> datatest_stable::Result<()> {
    // Every file in the folder is a case: the test would pass over a view under another name.
    assert_eq!(path.extension().and_then(OsStr::to_str), Some("sql"));
    let case = fs::read_to_string(path)?;
    let (sql, expected) = match case.split_once(SEPARATOR) {
        Some((sql, expected)) => (sql, Some(expected)),
        None => (case.as_str(), None),
    };
    let diagnostics = match compile("v", sql, &definition()) {
        Ok(view) => panic!("the view is accepted:\n{}", view.finalize("rows")),
        Err(diagnostics) => diagnostics,
    };
    for diagnostic in &diagnostics {
        let help = diagnostic.help.as_deref().unwrap_or_default();
        assert!(
            !diagnostic.message.is_empty() && !help.is_empty(),
            "{diagnostic}"
        );
    }
    let rendered = format!("{}\n", diagnostics.render());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return Ok(fs::write(path, format!("{sql}{SEPARATOR}{rendered}"))?);
    }
    match expected {
        Some(expected) if expected == rendered => Ok(()),
        Some(expected) => panic!(
            "the diagnostic is\n\n{rendered}\nnot\n\n{expected}\nif that is meant, run with UPDATE_GOLDEN=1"
        ),
        None => panic!(
            "the file has no line ---- and no diagnostic; run with UPDATE_GOLDEN=1 to write\n\n{rendered}"
        ),
    }
}

datatest_stable::harness! {
    { test = is_refused, root = "tests/refusals", pattern = ".*" },
}
