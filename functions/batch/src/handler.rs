//! Requests of the function and their dispatch.

use serde::{Deserialize, Serialize};

use crate::activate::{Activated, activate};
use crate::context::Context;
use crate::error::Result;
use crate::migrate::{Migrated, migrate};
use crate::reconciler::reconcile;
use crate::report::Report;

/// The time between the end of the work and the end of the invocation, in milliseconds: enough to answer.
pub const MARGIN_MS: i64 = 10_000;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Request {
    /// Sent by `apply`, before there is a delivery stream.
    Migrate,
    /// Sent by `apply`, once there is a delivery stream.
    Activate,
    /// Sent by the schedule.
    Tick {
        /// The UUID of the pipeline's event source mapping, under which discarded batches lie. Without one, those that
        /// earlier ticks named are searched.
        #[serde(default)]
        mapping: Option<String>,
    },
}

/// A response.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Response {
    /// To [`Request::Migrate`].
    Migrated(Migrated),
    /// To [`Request::Activate`].
    Activated(Activated),
    /// To [`Request::Tick`].
    Ticked(Report),
}

/// Carries out a request. `deadline_ms` is the end of the invocation, in milliseconds since 1970.
///
/// # Errors
/// The error of the step.
pub async fn handle(context: &Context, request: Request, deadline_ms: i64) -> Result<Response> {
    let deadline_ms = deadline_ms - MARGIN_MS;
    Ok(match request {
        Request::Migrate => {
            let migrated = migrate(context).await?;
            tracing::info!(views = ?migrated.views, tables = migrated.tables, "pipeline migrated");
            Response::Migrated(migrated)
        }
        Request::Activate => {
            let activated = activate(context, deadline_ms).await?;
            tracing::info!(genesis_ms = activated.genesis_ms, "pipeline activated");
            Response::Activated(activated)
        }
        Request::Tick { mapping } => {
            Response::Ticked(reconcile(context, mapping, deadline_ms).await?)
        }
    })
}
