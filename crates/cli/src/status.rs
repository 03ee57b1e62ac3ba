//! `twinlake status`: the watermark of each view, the events on both sides of it, and the reason where it waits.

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

/// Arguments of `twinlake status`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The pipeline.
    #[command(flatten)]
    pub pipeline: PipelineArgument,
    /// The format of the status.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Show every view on every shard instead of one screen. JSON always holds all of it.
    #[arg(long, short)]
    pub verbose: bool,
}

/// The format of a printed status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One JSON object, for scripts.
    Json,
}

/// Reads the state of the pipeline from the lake and the catalog, and prints its status.
///
/// # Errors
/// If the pipeline is not deployed, or its state cannot be read.
pub async fn run(deployment: &str, arguments: &Arguments) -> Result<()> {
    let config = aws::load().await;
    let pipeline = arguments.pipeline.pipeline.as_deref();
    let deployment = Deployment::find(&config, deployment, pipeline).await?;
    let (store, catalog) = (deployment.store(&config), deployment.catalog(&config));
    let snapshot = reading::read(&store, &catalog, &deployment, SystemClock.now_ms()).await?;
    let status = report::report(&snapshot);
    let mut output = io::stdout().lock();
    match arguments.format {
        Format::Table => {
            let text = match arguments.verbose {
                true => text::verbose(&status),
                false => text::summary(&status),
            };
            output.write_all(text.as_bytes())?;
        }
        Format::Json => {
            let json = serde_json::to_string_pretty(&status)
                .expect("a status holds only texts, numbers and lists");
            writeln!(output, "{json}")?;
        }
    }
    output.flush()?;
    Ok(())
}
