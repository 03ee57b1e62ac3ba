//! Pages of older stretches, one a day.

use std::collections::BTreeMap;

use twinlake_lake::layout::HOUR_MS;
use twinlake_lake::state;
use twinlake_lake::state::audit::Audit;
use twinlake_lake::state::history::{Page, Stretch};

use crate::context::Context;
use crate::error::Result;

/// The milliseconds of a day.
const DAY_MS: i64 = 24 * HOUR_MS;

/// Moves the stretches of the days before today into a page, with the first audit of a day.
pub(super) async fn turn(context: &Context, audit: &mut Audit, now_ms: i64) -> Result<()> {
    let today_ms = now_ms.div_euclid(DAY_MS) * DAY_MS;
    if audit.tried_ms >= today_ms {
        return Ok(());
    }
    let mut shards: BTreeMap<String, Vec<Stretch>> = BTreeMap::new();
    for (name, shard) in &mut audit.shards {
        let is_recent = |stretch: &Stretch| stretch.max_arrival_ms >= today_ms;
        let older = shard.stretches.iter().position(is_recent);
        let older = older.unwrap_or(shard.stretches.len());
        if older > 0 {
            shards.insert(name.clone(), shard.stretches.drain(..older).collect());
        }
    }
    if shards.is_empty() {
        return Ok(());
    }
    for page in Page::of(shards) {
        let key = context.layout().audited_page(&page.sha256());
        // A page that is there already has the same content.
        state::create(&*context.services.store, &key, &page).await?;
        audit.pages.push(key);
    }
    Ok(())
}
