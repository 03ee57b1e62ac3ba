//! What every step works with: the services, the settings, and the pipeline's compiled definition.

use std::sync::Arc;
use std::time::Duration;

use twinlake_lake::layout::{ChainName, Layout};
use twinlake_lake::query::QueryState;
use twinlake_lake::{Catalog, Clock, Delivery, QueryEngine, Randomness, Store};
use twinlake_pipeline::Definition;
use twinlake_views::{View, compile};

use crate::error::{Error, Result};

/// The generation of chains and runs that a new pipeline begins with.
pub const FIRST_GENERATION: u32 = 1;
/// The longest pause between two looks at a query.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What the environment of the function says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bucket and the pipeline in it.
    pub layout: Layout,
    /// The key of the pipeline's bundle.
    pub bundle: String,
    /// The pipeline's Glue database.
    pub database: String,
    /// The pipeline's stream, whose discarded batches matter.
    pub stream_arn: String,
    /// How old a mark must be, in milliseconds, for Firehose to have delivered what lies before it.
    pub settle_ms: i64,
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
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub randomness: Arc<dyn Randomness>,
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
    /// Compiles a bundle; `key` is its key, for messages.
    ///
    /// # Errors
    /// [`Error::Definition`] with the compiler's message.
    pub fn from_bundle(key: &str, bytes: &[u8]) -> Result<Self> {
        let wrong = |detail: String| Error::Definition {
            bundle: key.to_owned(),
            detail,
        };
        let definition =
            Definition::from_bundle(bytes).map_err(|error| wrong(error.to_string()))?;
        let views = definition
            .views
            .iter()
            .map(|(name, sql)| compile(name, sql, &definition));
        let views = views
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self { definition, views })
    }

    /// The chain that `speed` keeps for a view.
    pub fn chain(view: &View) -> ChainName {
        ChainName::new(view.name(), view.fingerprint(), FIRST_GENERATION)
    }
}

/// Everything that a step needs.
#[derive(Clone)]
pub struct Context {
    /// What the environment says.
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
        let object = services.store.get(&settings.bundle).await?;
        let object = object
            .ok_or_else(|| Error::Missing(format!("there is no bundle {}", settings.bundle)))?;
        let pipeline = Arc::new(Pipeline::from_bundle(&settings.bundle, &object.bytes)?);
        Ok(Self {
            settings,
            services,
            pipeline,
        })
    }

    /// The keys of the pipeline.
    pub fn layout(&self) -> &Layout {
        &self.settings.layout
    }

    /// Now, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.services.clock.now_ms()
    }

    /// A token that no other query has: for statements whose answer must be fresh.
    pub fn fresh_token(&self) -> String {
        let part = || format!("{:016x}", self.services.randomness.next());
        format!("{}{}", part(), part())
    }

    /// Looks at a query until it has ended or time is up; then it is [`QueryState::Running`].
    ///
    /// # Errors
    /// If Athena cannot be asked.
    pub async fn wait(&self, query: &str, deadline_ms: i64) -> Result<QueryState> {
        let mut pause = Duration::from_millis(100);
        loop {
            let state = self.services.engine.state(query).await?;
            let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
            if state != QueryState::Running || self.now_ms().saturating_add(pause_ms) >= deadline_ms
            {
                return Ok(state);
            }
            self.services.clock.sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
