//! The document of a view in `state/`, read and moved by compare-and-swap.

use twinlake_lake::budget::Budget;
use twinlake_lake::state::view::ViewDocument;
use twinlake_lake::state::watermark::Published;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::Written;
use twinlake_views::View;

use crate::context::{Context, FIRST_GENERATION};
use crate::error::{Error, Result};

/// Reads the document of a view.
///
/// # Errors
/// [`Error::Missing`] if there is none, [`Error::Changed`] if it is of another version of the view than the deployed one.
pub async fn read(context: &Context, view: &View) -> Result<Versioned<ViewDocument>> {
    let key = context.layout().view(view.name());
    let document = state::read::<ViewDocument>(&*context.services.store, &key).await?;
    let document = document.ok_or_else(|| {
        Error::Missing(format!(
            "the view {} has no document {key}: run `terraform apply`",
            view.name()
        ))
    })?;
    let fingerprint = &document.value.state.fingerprint;
    if fingerprint != view.fingerprint() {
        return Err(Error::Changed(format!(
            "the view {} answers fingerprint {fingerprint}, the deployed pipeline has {}: run `terraform apply`",
            view.name(),
            view.fingerprint()
        )));
    }
    Ok(document)
}

/// Reads the document of a view; of a new view, makes one that speed alone answers.
///
/// # Errors
/// [`Error::Missing`] if the catalog shows a published view whose document is gone: its runs and its watermark would be
/// lost.
pub async fn read_or_create(context: &Context, view: &View) -> Result<ViewDocument> {
    let store = &*context.services.store;
    let key = context.layout().view(view.name());
    if state::read::<ViewDocument>(store, &key).await?.is_none() {
        let shown = context.services.catalog.table(view.name()).await?;
        let is_published = shown
            .and_then(|table| Published::of(&table).ok())
            .is_some_and(|published| published.revision > 0);
        if is_published {
            return Err(Error::Missing(format!(
                "the view {} is published and its document {key} is gone: restore the object from an earlier version",
                view.name()
            )));
        }
        let nothing = Published::nothing(view.fingerprint(), FIRST_GENERATION, context.now_ms());
        let document = ViewDocument {
            budget: Budget::initial(&context.settings.bounds),
            ..ViewDocument::new(context.fresh_token(), nothing)
        };
        // If another invocation was faster, its document stands.
        state::create(store, &key, &document).await?;
    }
    Ok(read(context, view).await?.value)
}

/// Writes a changed document. Returns `false` if another invocation has changed it since it was read.
///
/// # Errors
/// Any error of S3.
pub async fn write(
    context: &Context,
    view: &View,
    document: &mut Versioned<ViewDocument>,
) -> Result<bool> {
    let store = &*context.services.store;
    let key = context.layout().view(view.name());
    match state::replace(store, &key, &document.value, &document.etag).await? {
        Written::Done(etag) => {
            document.etag = etag;
            Ok(true)
        }
        Written::PreconditionFailed => Ok(false),
    }
}
