//! Values that all steps share: the services, the settings, and the pipeline's compiled definition.

use std::sync::Arc;

use twinlake_lake::budget::Bounds;
use twinlake_lake::layout::{Layout, SpeedLogName};
use twinlake_lake::state::deployment::Definitions;
use twinlake_lake::{Catalog, Clock, Delivery, QueryEngine, RandomSource, Store, bundle};
use twinlake_pipeline::Definition;
use twinlake_views::View;
use uuid::Builder;

use crate::error::{Error, Result};

/// The generation of the speed logs and runs of a new pipeline.
pub const FIRST_GENERATION: u32 = 1;

/// The function's settings, which Terraform passes in its environment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bucket and the pipeline in it.
    pub layout: Layout,
    /// The key of the pipeline's bundle.
    pub bundle: String,
    /// The pipeline's Glue database.
    pub database: String,
    /// The ARN of the pipeline's stream, by which discarded batches are recognised.
    pub stream_arn: String,
    /// The age in milliseconds at which a cut is settled: Firehose has delivered what arrived before it.
    pub settle_ms: i64,
    /// The bounds of a statement's size.
    pub bounds: Bounds,
}

/// The services.
#[derive(Clone)]
pub struct Services {
    /// The bucket.
    pub store: Arc<dyn Store>,
    /// The pipeline's database.
    pub catalog: Arc<dyn Catalog>,
    /// Athena.
    pub engine: Arc<dyn QueryEngine>,
    /// The pipeline's delivery stream.
    pub delivery: Arc<dyn Delivery>,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub random_source: Arc<dyn RandomSource>,
}

/// A pipeline's definition with its views compiled.
#[derive(Debug)]
pub struct Pipeline {
    /// The definition.
    pub definition: Definition,
    /// The views, in alphabetical order.
    pub views: Vec<View>,
}

impl Pipeline {
    /// The speed log that `speed` keeps for a view.
    pub fn speed_log(view: &View) -> SpeedLogName {
        SpeedLogName::new(view.name(), view.fingerprint(), FIRST_GENERATION)
    }
}

/// The services, the settings and the pipeline.
#[derive(Clone)]
pub struct Context {
    /// The settings.
    pub settings: Settings,
    /// The services.
    pub services: Services,
    /// The compiled definition.
    pub pipeline: Arc<Pipeline>,
}

impl Context {
    /// Reads and compiles the bundle that the settings name.
    ///
    /// # Errors
    /// If the bundle is not there or cannot be compiled.
    pub async fn load(settings: Settings, services: Services) -> Result<Self> {
        let key = &settings.bundle;
        let definition = bundle::read_definition(&*services.store, key).await?;
        let views = bundle::compile_views(key, &definition)?;
        Ok(Self {
            pipeline: Arc::new(Pipeline { definition, views }),
            settings,
            services,
        })
    }

    /// The pipeline's keys in the bucket.
    pub fn layout(&self) -> &Layout {
        &self.settings.layout
    }

    /// The current time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.services.clock.now_ms()
    }

    /// Checks that the deployed definition decodes as the recorded one does.
    ///
    /// # Errors
    /// [`Error::Changed`] if it does not.
    pub fn check_decode(&self, recorded: &Definitions) -> Result<()> {
        let decode_id = self.pipeline.definition.decode_id();
        let current = recorded
            .definitions
            .last()
            .map(|entry| entry.decode_id.as_str());
        if current == Some(decode_id.as_str()) {
            return Ok(());
        }
        Err(Error::Changed(format!(
            "the columns or the format of pipeline {} have changed (decode {} was {}): what is in the lake was decoded \
             by the old ones. Put them back, or deploy the pipeline under a new name",
            self.layout().pipeline(),
            decode_id,
            current.unwrap_or("unknown"),
        )))
    }

    /// A request token that no other query has, for statements whose answer must be fresh.
    pub fn fresh_token(&self) -> String {
        let random_source = &self.services.random_source;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&random_source.next().to_le_bytes());
        bytes[8..].copy_from_slice(&random_source.next().to_le_bytes());
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}
