//! Registration of hourly raw folders in the Glue catalog, so that Athena reads what Firehose wrote.
//!
//! Each invocation looks back two days, since Firehose may deliver into a folder long after its hour. An invocation with a
//! range catches up on older hours.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use twinlake_lake::layout::{HOUR_MS, Hour, Layout};
use twinlake_lake::partitions::Registered;
use twinlake_lake::{Catalog, Clock, Store, partitions};
use twinlake_telemetry::{Failure, Phases, metric};

/// The span that an invocation without a range looks back, in milliseconds.
const LOOK_BACK_MS: i64 = 48 * HOUR_MS;
/// The longest range of one invocation: ten years, in milliseconds.
const MAX_RANGE_MS: i64 = 10 * 366 * 24 * HOUR_MS;

/// The services that an invocation uses.
pub struct Context<'a> {
    /// The bucket.
    pub store: &'a dyn Store,
    /// The pipeline's database.
    pub catalog: &'a dyn Catalog,
    /// The source of time.
    pub clock: &'a dyn Clock,
    /// The pipeline's keys in the bucket.
    pub layout: &'a Layout,
}

/// The request: empty, or a range of hours to catch up on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Request {
    /// The first hour in UTC, such as `2026-11-20T00`; two days ago if it is missing.
    #[serde(default)]
    pub from: Option<String>,
    /// The last hour; the present one if it is missing.
    #[serde(default)]
    pub to: Option<String>,
}

/// The outcome of an invocation.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    /// The number of hours of the range that have a folder.
    pub existing: usize,
    /// The folders that this invocation registered.
    pub registered: Vec<String>,
}

/// The error of an invocation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The range cannot be read.
    #[error(
        "`{field}`: {detail}; give hours in UTC, as in {{\"from\": \"2026-11-20T00\", \"to\": \"2026-11-21T05\"}}"
    )]
    Range {
        /// `from` or `to`.
        field: &'static str,
        /// The defect.
        detail: String,
    },
    /// S3 or Glue failed.
    #[error(transparent)]
    Lake(#[from] twinlake_lake::Error),
}

/// Registers the folders of the range that exist and are not registered, and logs a summary.
///
/// # Errors
/// [`Error::Range`] if the request's range cannot be read.
pub async fn handle(context: &Context<'_>, request: &Request) -> Result<Response, Error> {
    let (from_ms, to_ms) = range(request, context.clock.now_ms())?;
    let mut phases = Phases::start();
    let since = Instant::now();
    let hours = Hour::range(from_ms, to_ms);
    let registered =
        partitions::register(context.store, context.catalog, context.layout, hours).await?;
    phases.add("partitions.register", since);
    emit(&registered, &phases);
    Ok(Response {
        existing: registered.existing,
        registered: registered
            .added
            .iter()
            .map(|hour| context.layout.raw_folder(*hour))
            .collect(),
    })
}

/// Writes the invocation's one line and counts its metrics.
fn emit(registered: &Registered, phases: &Phases) {
    metric::PARTITIONS_REGISTERED.add(registered.added.len() as u64);
    phases.record();
    tracing::info!(
        existing = registered.existing,
        registered = registered.added.len(),
        total_ms = phases.total_ms(),
        "partitions registered"
    );
}

impl Failure for Error {
    fn kind(&self) -> &'static str {
        match self {
            Self::Range { .. } => "Range",
            Self::Lake(error) => error.kind().name(),
        }
    }
}

fn range(request: &Request, now_ms: i64) -> Result<(i64, i64), Error> {
    let read = |field, text: &Option<String>, default_ms: i64| match text {
        None => Ok::<i64, Error>(default_ms),
        Some(text) => {
            let hour = Hour::parse(text).ok_or_else(|| Error::Range {
                field,
                detail: format!("{text:?} is no hour"),
            })?;
            Ok(hour.start_ms())
        }
    };
    let to_ms = read("to", &request.to, now_ms)?;
    let from_ms = read("from", &request.from, now_ms - LOOK_BACK_MS)?;
    if from_ms > to_ms {
        return Err(Error::Range {
            field: "from",
            detail: "it is later than `to`".to_owned(),
        });
    }
    if to_ms - from_ms > MAX_RANGE_MS {
        return Err(Error::Range {
            field: "from",
            detail: "the range is longer than ten years".to_owned(),
        });
    }
    Ok((from_ms, to_ms))
}
