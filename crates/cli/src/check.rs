//! `twinlake check`: all mistakes of a pipeline's folder, or the statements of its views.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use twinlake_pipeline::{Definition, Diagnostics, Folder};
use twinlake_views::{Dialect, Kind, View, ViewColumn, compile};

use crate::{Error, Result};

/// Arguments of `twinlake check`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The pipeline's folder.
    pub folder: PathBuf,
    /// Print the bundle, the JSON object that functions read, instead of the statements.
    #[arg(long)]
    pub bundle: bool,
}

/// Checks the folder, and prints the statements of its views or the bundle.
///
/// # Errors
/// All mistakes of the folder and its views, each with the line in question and advice.
pub fn run(arguments: &Arguments) -> Result<()> {
    let path = arguments.folder.display().to_string();
    let mistakes = |found: Diagnostics| Error::Pipeline(found.in_folder(&path));
    let folder = Folder::read(&arguments.folder).map_err(mistakes)?;
    let (definition, views) = compiled(&folder).map_err(mistakes)?;
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

/// The definition of a folder and its compiled views, in alphabetical order. The views are compiled only if the
/// definition has no mistake, since they depend on its columns.
fn compiled(folder: &Folder) -> std::result::Result<(Definition, Vec<View>), Diagnostics> {
    let definition = folder.definition()?;
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
        false => Err(refused),
    }
}

/// The size of the definition and the statements of each view, under headings that are comments in SQL.
fn describe(definition: &Definition, views: &[View]) -> String {
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
