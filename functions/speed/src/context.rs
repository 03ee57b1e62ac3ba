//! Values that all invocations of a process share.

use std::sync::Arc;

use tokio::sync::OnceCell;
use twinlake_lake::layout::Layout;
use twinlake_lake::{Clock, RandomSource, Store, Stream};

use crate::Result;
use crate::deployment::Deployment;

/// The function's settings, which Terraform passes in its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The pipeline's keys in the bucket.
    pub layout: Layout,
    /// The key of the deployed bundle.
    pub bundle: String,
    /// The age in milliseconds at which a cut is settled: Firehose has delivered what arrived before it.
    pub settle_ms: i64,
}

/// The services, the settings and the deployment.
pub struct Context {
    /// The bucket.
    pub store: Arc<dyn Store>,
    /// The stream.
    pub stream: Arc<dyn Stream>,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness, which spreads competing invocations.
    pub random_source: Arc<dyn RandomSource>,
    /// The settings.
    pub settings: Settings,
    deployment: OnceCell<Deployment>,
}

impl Context {
    /// A context that has read nothing yet.
    pub fn new(
        settings: Settings,
        store: Arc<dyn Store>,
        stream: Arc<dyn Stream>,
        clock: Arc<dyn Clock>,
        random_source: Arc<dyn RandomSource>,
    ) -> Self {
        Self {
            store,
            stream,
            clock,
            random_source,
            settings,
            deployment: OnceCell::new(),
        }
    }

    /// The pipeline's keys in the bucket.
    pub fn layout(&self) -> &Layout {
        &self.settings.layout
    }

    /// The deployment. The first invocation reads it; once it was read whole, it is kept.
    ///
    /// # Errors
    /// If a part of it is missing or not valid. The function may start before `terraform apply` has written all of it,
    /// so the next invocation reads it again.
    pub async fn deployment(&self) -> Result<&Deployment> {
        let Settings { layout, bundle, .. } = &self.settings;
        self.deployment
            .get_or_try_init(|| Deployment::load(&*self.store, layout, bundle))
            .await
    }
}
