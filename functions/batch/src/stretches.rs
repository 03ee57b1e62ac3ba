//! The audited stretches that a view has not passed yet: those of one page of the history, or the recent ones.

use std::collections::BTreeMap;

use twinlake_lake::state;
use twinlake_lake::state::audit::Audit;
use twinlake_lake::state::history::{Page, Stretch};
use twinlake_lake::state::view::ViewDocument;

use crate::context::Context;
use crate::error::{Error, Result};

/// Some stretches of each shard, in order.
pub type Stretches = BTreeMap<String, Vec<Stretch>>;

/// The stretches that the view's next plan is made of. Pages that the watermark has passed are counted in the document.
///
/// # Errors
/// Any error of S3. [`Error::Missing`] if a page is gone.
pub async fn next(
    context: &Context,
    audit: &Audit,
    document: &mut ViewDocument,
) -> Result<Stretches> {
    while let Some(key) = audit.pages.get(document.page) {
        let page = state::read::<Page>(&*context.services.store, key).await?;
        let page = page.ok_or_else(|| {
            Error::Missing(format!(
                "{key} is gone, a page of the audited history: restore the object from an earlier version"
            ))
        })?;
        if is_ahead(&page.value.shards, document) {
            return Ok(page.value.shards);
        }
        document.page += 1;
    }
    let recent = audit.shards.iter();
    Ok(recent
        .map(|(name, shard)| (name.clone(), shard.stretches.clone()))
        .collect())
}

/// Reports whether any of the stretches ends after the view's watermark.
fn is_ahead(stretches: &Stretches, document: &ViewDocument) -> bool {
    stretches.iter().any(|(shard, stretches)| {
        let from = document.state.sequence_number(shard);
        stretches.last().is_some_and(|last| last.to > from)
    })
}
