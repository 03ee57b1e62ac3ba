//! `twinlake query`: runs SQL or a saved query in Athena and prints its rows.

pub mod athena;
pub mod output;
pub mod saved;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use twinlake_lake::aws;
use twinlake_lake::clock::SystemClock;

use crate::deployment::{Deployment, PipelineArgument};
use crate::{Error, Result};
use athena::Athena;
use output::Format;

/// The arguments of `twinlake query`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("statement").args(["sql", "saved", "file"]).required(true))]
pub struct Arguments {
    /// The SQL; its tables and views are the pipeline's.
    pub sql: Option<String>,
    /// Run the saved query of this name, a file of the pipeline's folder `queries/`.
    #[arg(long, value_name = "QUERY")]
    pub saved: Option<String>,
    /// Run the SQL in this file; `-` is standard input.
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// Which pipeline.
    #[command(flatten)]
    pub pipeline: PipelineArgument,
    /// How rows are printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Runs the query and prints its rows; how many there are and what was read goes to standard error.
///
/// # Errors
/// If the pipeline is not deployed, the query is not known, or Athena cannot run it.
pub async fn run(name: &str, arguments: &Arguments) -> Result<()> {
    let config = aws::load().await;
    let deployment =
        Deployment::find(&config, name, arguments.pipeline.pipeline.as_deref()).await?;
    let athena = Athena::new(aws_sdk_athena::Client::new(&config), &deployment);
    let statement = match (&arguments.sql, &arguments.saved, &arguments.file) {
        (Some(sql), _, _) => sql.clone(),
        (_, Some(query), _) => {
            saved::find(&athena.named_queries().await?, query, &deployment)?.to_owned()
        }
        (_, _, Some(path)) => read(path)?,
        _ => unreachable!("the command line asks for one of the three"),
    };
    let answer = athena.answer(&statement, &SystemClock).await?;
    let mut output = io::stdout().lock();
    output.write_all(output::render(&answer.result, arguments.format)?.as_bytes())?;
    output.flush()?;
    eprintln!("{}", answer.describe());
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    read.map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
