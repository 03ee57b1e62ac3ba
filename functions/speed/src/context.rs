//! What every invocation of a process shares.

use std::sync::Arc;

use tokio::sync::OnceCell;
use twinlake_lake::layout::Layout;
use twinlake_lake::{Clock, Randomness, Store};

use crate::Result;
use crate::deployment::Deployment;
use crate::settings::Settings;

/// AWS, time and chance as values, and what is deployed.
pub struct Context {
    /// The bucket.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Spreads the attempts of competing invocations.
    pub randomness: Arc<dyn Randomness>,
    /// What lies where in the bucket.
    pub layout: Layout,
    /// What the environment says.
    pub settings: Settings,
    deployment: OnceCell<Deployment>,
}

impl Context {
    /// A context that has read nothing yet.
    pub fn new(
        settings: Settings,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        let layout = Layout::new(&settings.bucket, &settings.pipeline);
        Self {
            store,
            clock,
            randomness,
            layout,
            settings,
            deployment: OnceCell::new(),
        }
    }

    /// What is deployed: read by the first invocation, which a failure to do so fails, and kept once it is complete.
    ///
    /// # Errors
    /// If a part of it is missing (the function may start before `terraform apply` has written all) or not valid.
    pub async fn deployment(&self) -> Result<&Deployment> {
        self.deployment
            .get_or_try_init(|| Deployment::load(&*self.store, &self.layout, &self.settings.bundle))
            .await
    }
}
