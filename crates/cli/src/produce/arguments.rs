//! The command line of `twinlake produce`.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use super::replay::arguments::ReplayArguments;
use crate::time;

/// The arguments of `twinlake produce`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["pipeline", "folder"]).required(true).multiple(true))]
pub struct Arguments {
    /// The pipeline; by default the one that the folder describes.
    #[arg(long, env = "TWINLAKE_PIPELINE")]
    pub pipeline: Option<String>,
    /// The pipeline's folder, whose pipeline.yaml says how events are written and drawn [default: pipelines/<PIPELINE>].
    #[arg(long)]
    pub folder: Option<PathBuf>,
    /// How many events; of a file, its first so many lines [default: all of the file].
    #[arg(long, required_unless_present = "from")]
    pub events: Option<u64>,
    /// Events per second [default: as fast as the stream takes them].
    #[arg(long, value_parser = rate)]
    pub rate: Option<f64>,
    /// Draws the same events for the same number [default: a number drawn by chance, which the summary names].
    #[arg(long, conflicts_with = "from")]
    pub seed: Option<u64>,
    /// One event in a stream record, instead of many as the Kinesis Producer Library aggregates them.
    #[arg(long)]
    pub no_aggregation: bool,
    /// Also write each event to this file, one a line as sent and in that order; `-` is standard output.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// The first event's time; later ones follow at the rate, or a millisecond apart [default: the clock's time].
    #[arg(long, value_parser = time::parse, conflicts_with = "from")]
    pub start: Option<i64>,
    /// The stream [default: <NAME>-<PIPELINE>].
    #[arg(long)]
    pub stream: Option<String>,
    /// Send nothing, only write the file.
    #[arg(long, requires = "out")]
    pub dry_run: bool,
    /// Lines of a file instead.
    #[command(flatten)]
    pub replay: ReplayArguments,
}

impl Arguments {
    /// The pipeline's folder.
    pub fn folder(&self) -> PathBuf {
        let named = || Path::new("pipelines").join(self.pipeline.as_deref().unwrap_or_default());
        self.folder.clone().unwrap_or_else(named)
    }

    /// Whether the events go to standard output, so that nothing else may.
    pub fn writes_to_standard_output(&self) -> bool {
        self.out.as_deref() == Some(Path::new("-"))
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    number
        .filter(|rate| rate.is_finite() && *rate > 0.0)
        .ok_or_else(|| "a rate is a number of events per second above 0".to_owned())
}
