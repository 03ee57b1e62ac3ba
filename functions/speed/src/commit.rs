//! One shard's records, from the head that was read to the head that counts them.

use futures::future::join_all;
use twinlake_lake::clock::back_off;
use twinlake_lake::state::deployment::Chains;
use twinlake_lake::state::head::Head;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::Written;

use crate::batch::Batch;
use crate::chain::Chain;
use crate::context::Context;
use crate::deployment::{Deployment, required};
use crate::event::ShardRecords;
use crate::{Error, Result};

/// Takes the ledger and every chain of a shard to the end of `records` or beyond. The [crate's documentation](crate)
/// says why that is exact.
///
/// # Errors
/// If anything fails. The records may then be given again, in whatever batches.
pub async fn commit(
    context: &Context,
    deployment: &Deployment,
    records: &ShardRecords,
) -> Result<()> {
    let key = context.layout.head(&records.shard);
    let mut batch = None;
    let mut attempt = 0;
    loop {
        let Versioned { value: head, etag } =
            read_or_create(context, deployment, &records.shard).await?;
        check_chains(&head, deployment, &key)?;
        let slowest = head
            .chains
            .values()
            .fold(&head.position, |slowest, end| slowest.min(end));
        let undone = records.after(slowest);
        if undone.is_empty() {
            return Ok(());
        }
        let batch = match &mut batch {
            Some(batch) => batch,
            // Heads only go forward: what is decoded for the first one holds all that is undone in later ones.
            empty => empty.insert(Batch::decode(undone, &deployment.decoding)?),
        };
        let next = advance(context, deployment, head, batch).await?;
        match state::replace(&*context.store, &key, &next, &etag).await? {
            Written::Done(_) => return Ok(()),
            Written::Lost => {
                attempt += 1;
                back_off(&*context.clock, &*context.randomness, attempt).await;
            }
        }
    }
}

/// The shard's head. Where there is none, one that begins at the shard's beginning is created: by this invocation or,
/// just as well, by another.
async fn read_or_create(
    context: &Context,
    deployment: &Deployment,
    shard: &str,
) -> Result<Versioned<Head>> {
    let store = &*context.store;
    let key = context.layout.head(shard);
    loop {
        if let Some(head) = state::read(store, &key).await? {
            return Ok(head);
        }
        // Read anew: a chain that was added since this function started must be in a head from its beginning.
        let list: Chains = required(store, &context.layout.chains()).await?;
        if let Some(chain) = list
            .chains
            .iter()
            .find(|chain| !deployment.chains.contains(*chain))
        {
            return Err(Error::UnknownChain {
                key: context.layout.chains(),
                chain: chain.clone(),
            });
        }
        state::create(store, &key, &Head::new(shard, list.chains)).await?;
    }
}

fn check_chains(head: &Head, deployment: &Deployment, key: &str) -> Result<()> {
    if let Some(chain) = head
        .chains
        .keys()
        .find(|chain| !deployment.chains.contains(*chain))
    {
        return Err(Error::UnknownChain {
            key: key.to_owned(),
            chain: chain.clone(),
        });
    }
    if let Some(chain) = deployment
        .chains
        .iter()
        .find(|chain| !head.chains.contains_key(*chain))
    {
        return Err(Error::MissingChain {
            key: key.to_owned(),
            chain: chain.clone(),
        });
    }
    Ok(())
}

/// Writes the objects that are missing between `head` and the end of `batch`, and gives the head after them.
async fn advance(
    context: &Context,
    deployment: &Deployment,
    mut head: Head,
    batch: &Batch,
) -> Result<Head> {
    let shard = head.shard.clone();
    // All of them are awaited before any failure is looked at: an invocation answers with no request in flight.
    let ends = join_all(head.chains.iter().map(|(name, end)| {
        let chain = Chain {
            store: &*context.store,
            layout: &context.layout,
            partials: &deployment.partials,
            name,
            shard: &shard,
        };
        chain.extend(end.clone(), batch)
    }))
    .await;
    for (end, reached) in head.chains.values_mut().zip(ends) {
        *end = reached?;
    }
    if let Some(rest) = batch.after(&head.position) {
        head.advance_ledger(rest.end().clone(), rest.totals(), rest.arrivals());
    }
    head.mark(context.clock.now_ms(), context.settings.settle_ms);
    Ok(head)
}
