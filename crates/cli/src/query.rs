//! `twinlake query`: runs SQL or a saved query in Athena, and prints the rows.

pub mod execution;
pub mod output;
pub mod saved;

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use twinlake_lake::aws;
use twinlake_lake::clock::{SystemClock, SystemRandomSource};
use twinlake_lake::query::AthenaEngine;
use twinlake_produce::control::Interrupt;

use crate::deployment::{Deployment, PipelineArgument};
use crate::{Error, Result};
use execution::{Execution, InteractiveEngine, execute};
use output::{Format, Printer};

/// Arguments of `twinlake query`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("statement").args(["sql", "saved", "file"]).required(true))]
pub struct Arguments {
    /// The SQL. Unqualified tables and views are the pipeline's.
    pub sql: Option<String>,
    /// Run the saved query of this name, a file of the pipeline's folder `queries/`.
    #[arg(long, value_name = "QUERY")]
    pub saved: Option<String>,
    /// Run the SQL in this file; `-` is standard input.
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// The pipeline.
    #[command(flatten)]
    pub pipeline: PipelineArgument,
    /// The format of the rows.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Runs the query and prints its rows. Their number and the cost of the query go to standard error.
///
/// # Errors
/// If the pipeline is not deployed, the saved query is unknown, or Athena cannot run the statement.
pub async fn run(deployment: &str, arguments: &Arguments) -> Result<()> {
    let config = aws::load().await;
    let pipeline = arguments.pipeline.pipeline.as_deref();
    let deployment = Deployment::find(&config, deployment, pipeline).await?;
    let client = aws_sdk_athena::Client::new(&config);
    let statement = match (&arguments.sql, &arguments.saved, &arguments.file) {
        (Some(sql), _, _) => sql.clone(),
        (_, Some(name), _) => {
            let queries = saved::read(&client, &deployment).await?;
            saved::find(&queries, name, &deployment)?.to_owned()
        }
        (_, _, Some(path)) => read(path)?,
        _ => unreachable!("the command line requires one of the three"),
    };
    let engine = AthenaEngine::new(client, &deployment.workgroup, &deployment.database);
    let interrupt = Interrupt::on_signal()?;
    let (clock, random_source) = (SystemClock, SystemRandomSource);
    let execution = execute(&engine, &statement, &clock, &random_source, &interrupt).await?;
    let rows = print(&engine, &execution, arguments.format, &interrupt).await?;
    eprintln!("{}", execution.describe(rows));
    Ok(())
}

/// Prints a result page by page. Returns the number of rows.
async fn print(
    engine: &dyn InteractiveEngine,
    execution: &Execution,
    format: Format,
    interrupt: &Interrupt,
) -> Result<u64> {
    let mut page = engine.page(&execution.query, None).await?;
    let output = io::BufWriter::new(io::stdout().lock());
    let mut printer = Printer::new(format, std::mem::take(&mut page.columns), output)?;
    loop {
        printer.print(&page.rows)?;
        let Some(token) = page.next else {
            return printer.finish();
        };
        if interrupt.is_requested() {
            let message = "the query has ended, but not all of its rows are printed";
            return Err(Error::Interrupted(message.to_owned()));
        }
        page = engine.page(&execution.query, Some(&token)).await?;
    }
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
