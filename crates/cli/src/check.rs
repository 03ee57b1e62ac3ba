//! `twinlake check`: is a pipeline's folder in order, and what do its views compile to?

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use twinlake_pipeline::{Definition, Diagnostics, Folder};
use twinlake_views::{Dialect, Kind, View, ViewColumn, compile};

use crate::{Error, Result};

/// The arguments of `twinlake check`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The pipeline's folder.
    pub folder: PathBuf,
    /// Print the folder as the one JSON object that functions read, instead of the statements.
    #[arg(long)]
    pub bundle: bool,
}

/// Checks the folder and prints what was asked for.
///
/// # Errors
/// Every mistake in the folder, each with its file, the line where it has one, and what to do.
pub fn run(arguments: &Arguments) -> Result<()> {
    let folder = read(&arguments.folder)?;
    let (definition, views) = compiled(&arguments.folder, &folder)?;
    let mut output = io::stdout().lock();
    if arguments.bundle {
        output.write_all(&folder.bundle())?;
        writeln!(output)?;
    } else {
        output.write_all(describe(&definition, &views).as_bytes())?;
    }
    output.flush()?;
    Ok(())
}

/// Reads a pipeline's folder, not yet checked.
///
/// # Errors
/// What cannot be read.
pub fn read(path: &Path) -> Result<Folder> {
    Folder::read(path).map_err(|found| mistakes(path, found))
}

/// The definition that a folder holds.
///
/// # Errors
/// Every mistake, with its file and line.
pub fn definition(path: &Path, folder: &Folder) -> Result<Definition> {
    folder.definition().map_err(|found| mistakes(path, found))
}

/// The definition and its compiled views, in alphabetical order.
///
/// # Errors
/// Every mistake, with its file and line; of each view the first.
pub fn compiled(path: &Path, folder: &Folder) -> Result<(Definition, Vec<View>)> {
    let definition = definition(path, folder)?;
    let mut views = Vec::new();
    let mut refused = Diagnostics::default();
    for (name, sql) in &definition.views {
        match compile(name, sql, &definition) {
            Ok(view) => views.push(view),
            Err(found) => refused.extend(found),
        }
    }
    match refused.is_empty() {
        true => Ok((definition, views)),
        false => Err(mistakes(path, refused)),
    }
}

fn mistakes(folder: &Path, found: Diagnostics) -> Error {
    let folder = folder.display().to_string();
    Error::Pipeline(found.in_folder(&folder).to_string())
}

/// What the folder holds, and each view's statements with headings that SQL takes for comments.
pub fn describe(definition: &Definition, views: &[View]) -> String {
    let mut text = format!(
        "-- pipeline {}: {}, {}, {}, {}; decode id {}\n",
        definition.name,
        count(definition.columns.len(), "column", "columns"),
        count(
            definition.references.len(),
            "reference table",
            "reference tables"
        ),
        count(views.len(), "view", "views"),
        count(definition.queries.len(), "query", "queries"),
        definition.decode_id(),
    );
    for view in views {
        describe_view(&mut text, view).expect("writing to memory succeeds");
    }
    text
}

fn describe_view(text: &mut String, view: &View) -> std::fmt::Result {
    let kind = match view.kind() {
        Kind::Aggregating => "aggregating",
        Kind::EventLevel => "event-level",
    };
    let table = |name: &str| name.to_owned();
    writeln!(
        text,
        "\n-- view {} ({kind}, fingerprint {})",
        view.name(),
        view.fingerprint()
    )?;
    writeln!(text, "--   keys:    {}", columns(view.keys()))?;
    writeln!(text, "--   states:  {}", columns(view.states()))?;
    writeln!(text, "--   columns: {}", columns(view.columns()))?;
    let statements = [
        (
            "partial on DataFusion, for speed",
            view.partial(Dialect::DataFusion, &table),
        ),
        (
            "partial on Athena, for batch",
            view.partial(Dialect::Athena, &table),
        ),
        ("merge of partials", view.merge("partials")),
        ("final over merged partials", view.finalize("partials")),
    ];
    for (heading, statement) in statements {
        writeln!(
            text,
            "\n-- {}: {heading}\n{};",
            view.name(),
            statement.trim_end()
        )?;
    }
    Ok(())
}

fn columns(columns: &[ViewColumn]) -> String {
    let column = |column: &ViewColumn| format!("{} {}", column.name, column.column_type.athena());
    match columns {
        [] => "none".to_owned(),
        columns => columns.iter().map(column).collect::<Vec<_>>().join(", "),
    }
}

fn count(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}
