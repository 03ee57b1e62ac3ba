//! The second step of `apply`: waits for the delivery stream and records the genesis.

use std::time::Duration;

use serde::Serialize;
use twinlake_lake::delivery::DeliveryState;
use twinlake_lake::state;
use twinlake_lake::state::deployment::Genesis;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::tables;

/// How long to wait between two looks at the delivery stream.
const PAUSE: Duration = Duration::from_secs(2);

/// What an opening leaves behind.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Opened {
    /// The lake holds what arrived in the stream from this time on, in milliseconds since 1970.
    pub genesis_ms: i64,
}

/// Records from when on Firehose delivers, and lets `events` and `_rejected` show it. A lake that has been opened
/// keeps its genesis.
///
/// # Errors
/// [`Error::Missing`] if the delivery stream has not become active by `deadline_ms`.
pub async fn open(context: &Context, deadline_ms: i64) -> Result<Opened> {
    let store = &*context.services.store;
    let key = context.layout().genesis();
    let genesis = match state::read::<Genesis>(store, &key).await? {
        Some(genesis) => genesis.value,
        None => {
            let since_ms = wait_for_delivery(context, deadline_ms).await?;
            state::create(store, &key, &Genesis::at(since_ms)).await?;
            // Whoever came first decided.
            let held = state::read::<Genesis>(store, &key).await?;
            held.ok_or_else(|| Error::Missing(format!("{key} was deleted while it was written")))?
                .value
        }
    };
    let views = tables::plain_views(
        &context.settings.database,
        &context.pipeline.definition,
        Some(genesis.arrival_ms),
    )?;
    for view in &views {
        tables::ensure(context, view).await?;
    }
    Ok(Opened {
        genesis_ms: genesis.arrival_ms,
    })
}

async fn wait_for_delivery(context: &Context, deadline_ms: i64) -> Result<i64> {
    loop {
        if let DeliveryState::Active { since_ms } = context.services.delivery.state().await? {
            return Ok(since_ms);
        }
        if context.now_ms() >= deadline_ms {
            let detail = "the delivery stream has not become active in time: look at it in the Firehose console, then \
                          run `terraform apply` again";
            return Err(Error::Missing(detail.to_owned()));
        }
        context.services.clock.sleep(PAUSE).await;
    }
}
