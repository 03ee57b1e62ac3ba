//! The function's requests.

use serde::{Deserialize, Serialize};
use twinlake_lake::layout::{HOUR_MS, Hour, Layout};
use twinlake_lake::{Catalog, Clock, Store, raw_partitions};

/// How far each invocation looks back by itself.
const LOOK_BACK_MS: i64 = 48 * HOUR_MS;
/// The longest range that one invocation takes: ten years.
const LONGEST_RANGE_MS: i64 = 10 * 366 * 24 * HOUR_MS;

/// What the function works with.
pub struct Context<'a> {
    /// The bucket.
    pub store: &'a dyn Store,
    /// The pipeline's database.
    pub catalog: &'a dyn Catalog,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The keys of the pipeline.
    pub layout: &'a Layout,
}

/// What the function is asked to do: nothing in particular, or to catch up on a range of hours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Request {
    /// The first hour, as `2026-11-20T00` in UTC; without it, two days ago.
    #[serde(default)]
    pub from: Option<String>,
    /// The last hour; without it, the present one.
    #[serde(default)]
    pub to: Option<String>,
}

/// What the function did.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    /// How many hours of the range have a folder.
    pub existing: usize,
    /// The folders that were registered now.
    pub registered: Vec<String>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The range is none.
    #[error(
        "`{field}`: {detail}; give hours in UTC, as in {{\"from\": \"2026-11-20T00\", \"to\": \"2026-11-21T05\"}}"
    )]
    Range {
        /// `from` or `to`.
        field: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// S3 or Glue did not do what they were asked.
    #[error(transparent)]
    Lake(#[from] twinlake_lake::Error),
}

/// Registers what exists in the range and is not registered.
///
/// # Errors
/// [`Error::Range`] if the request's range cannot be read.
pub async fn handle(context: &Context<'_>, request: &Request) -> Result<Response, Error> {
    let (from_ms, to_ms) = range(request, context.clock.now_ms())?;
    let hours = Hour::range(from_ms, to_ms);
    let registered =
        raw_partitions::register(context.store, context.catalog, context.layout, hours).await?;
    Ok(Response {
        existing: registered.existing,
        registered: registered
            .added
            .iter()
            .map(|hour| context.layout.raw_folder(*hour))
            .collect(),
    })
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
    if to_ms - from_ms > LONGEST_RANGE_MS {
        return Err(Error::Range {
            field: "from",
            detail: "the range is longer than ten years".to_owned(),
        });
    }
    Ok((from_ms, to_ms))
}
