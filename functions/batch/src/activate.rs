//! The action `activate`, the second step of `apply`: waits for the delivery stream and records the genesis.

use serde::Serialize;
use twinlake_lake::delivery::DeliveryState;
use twinlake_lake::retry::RetryParams;
use twinlake_lake::state;
use twinlake_lake::state::deployment::{Definitions, Genesis};
use twinlake_lake::statements::Membership;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::tables;

/// The outcome of an activation.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Activated {
    /// The arrival time at which the lake begins, in milliseconds since 1970.
    pub genesis_ms: i64,
}

/// Records the time from which Firehose delivers as the genesis, and lets `events`, `_rejected` and `_dropped` begin
/// there. An active lake keeps its genesis.
///
/// # Errors
/// [`Error::Missing`] if the delivery stream has not become active by `deadline_ms`.
pub async fn activate(context: &Context, deadline_ms: i64) -> Result<Activated> {
    let store = &*context.services.store;
    let key = context.layout().genesis();
    let genesis = match state::read::<Genesis>(store, &key).await? {
        Some(genesis) => genesis.value,
        None => {
            let since_ms = wait_for_delivery(context, deadline_ms).await?;
            state::create(store, &key, &Genesis::at(since_ms)).await?;
            // The first invocation to write it decided.
            let held = state::read::<Genesis>(store, &key).await?;
            held.ok_or_else(|| Error::Missing(format!("{key} was deleted while it was written")))?
                .value
        }
    };
    let definitions =
        state::required::<Definitions>(store, &context.layout().definitions()).await?;
    let views = tables::plain_views(
        &context.settings.database,
        &context.pipeline.definition,
        Some(&Membership::of(&genesis, &definitions)),
    )?;
    for view in &views {
        tables::ensure(context, view).await?;
    }
    Ok(Activated {
        genesis_ms: genesis.arrival_ms,
    })
}

async fn wait_for_delivery(context: &Context, deadline_ms: i64) -> Result<i64> {
    let services = &context.services;
    let mut delays = RetryParams::POLL_RESOURCE.delays(&*services.random_source);
    loop {
        if let DeliveryState::Active { since_ms } = services.delivery.state().await? {
            return Ok(since_ms);
        }
        if context.now_ms() >= deadline_ms {
            let detail = "the delivery stream has not become active in time: look at it in the Firehose console, then \
                          run `terraform apply` again";
            return Err(Error::Missing(detail.to_owned()));
        }
        if let Some(delay) = delays.next() {
            services.clock.sleep(delay).await;
        }
    }
}
