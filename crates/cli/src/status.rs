//! `twinlake status`: how far batch answers each view on each shard, what lies after that, and what it waits for.

pub mod reading;
pub mod report;
pub mod text;
pub mod waiting;

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use twinlake_lake::Clock;
use twinlake_lake::aws;
use twinlake_lake::clock::SystemClock;

use crate::Result;
use crate::deployment::{Deployment, PipelineArgument};

/// The arguments of `twinlake status`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Which pipeline.
    #[command(flatten)]
    pub pipeline: PipelineArgument,
    /// How the status is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How a status is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One JSON object, for scripts.
    Json,
}

/// Reads what the lake and the catalog say of the pipeline, and prints it.
///
/// # Errors
/// If the pipeline is not deployed, or what it keeps cannot be read.
pub async fn run(name: &str, arguments: &Arguments) -> Result<()> {
    let config = aws::load().await;
    let deployment =
        Deployment::find(&config, name, arguments.pipeline.pipeline.as_deref()).await?;
    let (store, catalog) = (deployment.store(&config), deployment.catalog(&config));
    let snapshot = reading::read(&store, &catalog, &deployment, SystemClock.now_ms()).await?;
    let status = report::report(&snapshot);
    let mut output = io::stdout().lock();
    match arguments.format {
        Format::Table => output.write_all(text::render(&status).as_bytes())?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&status)
                .expect("a status is texts, numbers and lists");
            writeln!(output, "{json}")?;
        }
    }
    output.flush()?;
    Ok(())
}
