//! The command line of `twinlake produce`.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use clap::{ArgGroup, Args, ValueEnum};
use twinlake_lake::environment;

/// Arguments of `twinlake produce`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("which").args(["pipeline", "folder"]).required(true).multiple(true))]
pub struct Arguments {
    /// The pipeline (default: the one that the folder describes).
    #[arg(long, env = environment::PIPELINE.name)]
    pub pipeline: Option<String>,
    /// The pipeline's folder, whose pipeline.yaml describes its events (default: `pipelines/<PIPELINE>`).
    #[arg(long)]
    pub folder: Option<PathBuf>,
    /// The number of events; of a file, the number of lines (default: all lines of the file).
    #[arg(long, required_unless_present = "from")]
    pub events: Option<u64>,
    /// Events per second (default: as fast as the stream takes them).
    #[arg(long, value_parser = parse_rate)]
    pub rate: Option<f64>,
    /// Seed of the simulation: equal seeds draw equal events (default: a random number, which the summary names).
    #[arg(long, conflicts_with = "from")]
    pub seed: Option<u64>,
    /// One event in a stream record, instead of many as the Kinesis Producer Library aggregates them.
    #[arg(long)]
    pub no_aggregation: bool,
    /// Also write each event to this file, one a line as sent and in that order; `-` is standard output.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Time of the first event; later ones follow at the rate, or a millisecond apart (default: the current time).
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "from")]
    pub start: Option<i64>,
    /// The stream (default: `<DEPLOYMENT>-<PIPELINE>`).
    #[arg(long)]
    pub stream: Option<String>,
    /// Send nothing, only write the file of --out.
    #[arg(long, requires = "out")]
    pub dry_run: bool,
    /// The lines of a file in place of simulated events.
    #[command(flatten)]
    pub replay: ReplayArguments,
}

/// Arguments about a file that is replayed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Replaying a file")]
pub struct ReplayArguments {
    /// Send the lines of this CSV file, gzip or not, instead of simulated events; `-` is standard input.
    ///
    /// Each line becomes one user record, with its bytes as they stand in the file and without its line end. Line ends
    /// within quotes belong to the line; empty lines are not sent. The pipeline's format must be csv. A header line
    /// that pipeline.yaml lists is not sent; with `header: record` it stands before each line that is.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Pass over this many lines at the file's beginning, not counting a header that pipeline.yaml describes.
    #[arg(long, value_name = "LINES", requires = "from", default_value_t = 0)]
    pub skip: u64,
    /// The column whose field, as it stands in the file, is the partition key (default: `simulate.partition_key` of
    /// pipeline.yaml; without it, lines spread evenly over the shards).
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub partition_key: Option<String>,
    /// The times of the events: their own, or all moved by one span so that the latest is now.
    #[arg(long, requires = "from", value_enum, default_value_t = EventTimes::Own)]
    pub times: EventTimes,
    /// A column whose times `--times now` moves; may be repeated, the first decides on the span (default: the first
    /// column of type timestamp).
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub time_column: Vec<String>,
    /// Go on where the last replay of the file was interrupted.
    ///
    /// The progress of a replay is written down each second and at Ctrl-C, so that an interrupted replay goes on with
    /// the next line. After an end without notice (kill -9, a lost machine or connection), lines that were sent since
    /// the last note are sent again.
    #[arg(long, requires = "from", conflicts_with = "dry_run")]
    pub resume: bool,
    /// The file of the replay's progress (default: one in `$XDG_STATE_HOME/twinlake/produce` or
    /// `~/.local/state/twinlake/produce`).
    #[arg(long, value_name = "FILE", requires = "from")]
    pub state: Option<PathBuf>,
}

/// The times of replayed events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EventTimes {
    /// As the lines have them.
    Own,
    /// Moved by one span, so that the latest is the current time.
    Now,
}

impl Arguments {
    /// The pipeline's folder.
    pub fn folder(&self) -> PathBuf {
        let of_pipeline =
            || Path::new("pipelines").join(self.pipeline.as_deref().unwrap_or_default());
        self.folder.clone().unwrap_or_else(of_pipeline)
    }

    /// Reports whether the events go to standard output, so that nothing else may.
    pub fn writes_to_standard_output(&self) -> bool {
        self.out.as_deref() == Some(Path::new("-"))
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    number
        .filter(|rate| rate.is_finite() && *rate > 0.0)
        .ok_or_else(|| "a rate is a number of events per second above 0".to_owned())
}

/// Milliseconds since 1970 of a time in RFC 3339, or of `2026-11-21 07:15:02.123` or `2026-11-21` in UTC.
fn parse_time(text: &str) -> Result<i64, String> {
    let with_zone = DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_millis());
    let utc = || {
        let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
        time.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
    };
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").map(NaiveDateTime::from);
    with_zone
        .or_else(|_| utc().or_else(|_| day()).map(|time| time.and_utc().timestamp_millis()))
        .map_err(|_| {
            "write a time as `2026-11-21T07:15:02Z`, `2026-11-21 07:15:02.123` or `2026-11-21` (UTC)".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_that_is_offered() {
        let expected = 1_795_245_302_000;
        for text in [
            "2026-11-21T07:15:02Z",
            "2026-11-21T08:15:02+01:00",
            "2026-11-21 07:15:02.000",
            "2026-11-21T07:15:02",
        ] {
            assert_eq!(parse_time(text), Ok(expected), "{text}");
        }
        assert_eq!(parse_time("1970-01-02"), Ok(86_400_000));
        assert!(parse_time("yesterday").unwrap_err().contains("2026-11-21"));
    }
}
