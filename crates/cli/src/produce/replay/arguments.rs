//! The part of `twinlake produce`'s command line that is about files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What is replayed, and how.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Replaying a file")]
pub struct ReplayArguments {
    /// Sends the lines of this CSV file, gzip or not, instead of simulated events; `-` is standard input.
    ///
    /// Each line becomes one user record, with its bytes as they stand in the file and without its line end. Line ends
    /// within quotes belong to the line; empty lines are not sent. The pipeline's format must be csv. A header line
    /// that pipeline.yaml lists is not sent; with `header: record` it stands before each line that is.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Passes over so many lines at the file's beginning, a header that pipeline.yaml speaks of not counted.
    #[arg(long, value_name = "LINES", requires = "from", default_value_t = 0)]
    pub skip: u64,
    /// The column whose field, as it stands in the file, is the partition key [default: `simulate.partition_key` of
    /// pipeline.yaml; without it, lines spread evenly over the shards].
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub partition_key: Option<String>,
    /// The times of the events: their own, or all moved by the same span so that the latest one is now.
    #[arg(long, requires = "from", value_enum, default_value_t = EventTimes::Own)]
    pub times: EventTimes,
    /// A column whose times are moved with `--times now`; may be repeated, the first decides on the span [default: the
    /// first column of type timestamp].
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub time_column: Vec<String>,
    /// Goes on where the last replay of the file was interrupted.
    ///
    /// While lines are sent, how far they have come is written down each second and at Ctrl-C, so that an interrupted
    /// replay goes on with the next line. After an end without notice (kill -9, a lost machine or connection), lines
    /// that were sent since the last note are sent again.
    #[arg(long, requires = "from", conflicts_with = "dry_run")]
    pub resume: bool,
    /// Where that is written down [default: a file in $XDG_STATE_HOME/twinlake/produce or
    /// ~/.local/state/twinlake/produce].
    #[arg(long, value_name = "FILE", requires = "from")]
    pub state: Option<PathBuf>,
}

/// When replayed events happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EventTimes {
    /// When their lines say.
    Own,
    /// As long before now as they were before the latest one.
    Now,
}
