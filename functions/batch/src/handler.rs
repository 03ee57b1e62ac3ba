//! The function's requests.

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::error::Result;
use crate::open::{Opened, open};
use crate::prepare::{Prepared, prepare};
use crate::report::{Report, held_shards_metric};
use crate::tick::tick;

/// How long before the end of the invocation the work ends, in milliseconds: enough to answer.
pub const MARGIN_MS: i64 = 10_000;

/// What the function is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Request {
    /// By `apply`, before there is a delivery stream.
    Prepare,
    /// By `apply`, once there is one.
    Open,
    /// By the schedule.
    Tick,
}

/// What the function answers.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Response {
    /// To [`Request::Prepare`].
    Prepared(Prepared),
    /// To [`Request::Open`].
    Opened(Opened),
    /// To [`Request::Tick`].
    Ticked(Report),
}

/// Does what is asked. `deadline_ms` is when the invocation ends, in milliseconds since 1970.
///
/// # Errors
/// With the step's own message: whoever reads it sees nothing else.
pub async fn handle(context: &Context, request: Request, deadline_ms: i64) -> Result<Response> {
    let deadline_ms = deadline_ms - MARGIN_MS;
    Ok(match request {
        Request::Prepare => Response::Prepared(prepare(context).await?),
        Request::Open => Response::Opened(open(context, deadline_ms).await?),
        Request::Tick => {
            let report = tick(context, deadline_ms).await?;
            publish(&held_shards_metric(
                context.layout().pipeline(),
                report.held.len(),
                context.now_ms(),
            ));
            Response::Ticked(report)
        }
    })
}

#[expect(
    clippy::print_stdout,
    reason = "CloudWatch reads metrics from lines of the log that are JSON and nothing else"
)]
fn publish(metric: &str) {
    println!("{metric}");
}
