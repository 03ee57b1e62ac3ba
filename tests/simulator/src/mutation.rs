//! Mutations: what the functions would do if a rule were left out, each by a switch at run time.
//!
//! A mutant stands between the functions and the services. It changes what they say to each other just as faulty code
//! would: a condition that is left out of a write, an object that is written too late, a statement that reads less. So all
//! mutations are tried with one build, and the functions hold no trace of them. Those of a statement's rows are read by
//! [`crate::athena`], since the rows are no call's parameter.

mod catalog;
mod engine;
mod store;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use batch::context::Pipeline;
use bytes::Bytes;
use twinlake_kpl::HashRange;
use twinlake_lake::memory::MemoryStore;
use twinlake_lake::store::{Listed, Metadata, Object};
use twinlake_lake::stream::Stream;
use twinlake_lake::{Catalog, QueryEngine, Result, Store};
use twinlake_pipeline::SequenceNumber;

/// Declares the mutations with the rule that each breaks.
macro_rules! mutations {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Something that the functions do wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Mutation {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Mutation {
            /// All mutations.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The description.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

mutations! {
    // speed
    /// A checkpoint is replaced whatever it has become since it was read.
    CheckpointNotCompared,
    /// A segment replaces the one that is there.
    SegmentOverwritten,
    /// A refused creation of a segment (409, 412) is taken for success.
    RefusalTakenForSuccess,
    /// A commit that was lost is answered as if it had been won.
    LostCommitAnswered,
    /// The checkpoint moves before the segments are written.
    CheckpointBeforeSegments,
    /// The checkpoint moves before the verdicts are written.
    CheckpointBeforeVerdicts,
    /// Verdicts are not written.
    VerdictsNotWritten,
    /// A segment without rows is not written.
    EmptySegmentSkipped,
    /// A segment's key is made of the batch's first record.
    KeyFromFirstRecord,
    /// The segments of one view are not written.
    OneViewForgotten,
    /// An invocation answers while a segment is still being written.
    AnsweredTooEarly,
    /// A shard's range ends one hash key too early.
    RangeOffByOne,
    /// A record in the wrong shard is kept.
    WrongShardKept,
    // batch: what is read
    /// A run reads the first hour of a stretch only.
    FirstHourOnly,
    /// A run reads the last hour of a stretch only.
    LastHourOnly,
    /// A run reads a stretch in the folders of the hours that its own rows are presumed in.
    PresumedHours,
    /// The audit notes the hours of data rows only, not of verdicts.
    HoursOfDataOnly,
    /// A run takes all rows of the folders that it reads.
    RowsByFolder,
    /// A run counts each copy of an identity.
    CopiesCounted,
    /// A run takes no notice of verdicts.
    VerdictsIgnored,
    /// A run counts rows of another definition.
    AnotherDefinitionCounted,
    /// A run counts rows that arrived before the genesis.
    GenesisIgnored,
    /// Neither ledger nor audit sums up identities, so that equal counts pass for equal sets.
    ChecksumIgnored,
    /// A part of a run reads the whole range.
    PartsIgnored,
    /// A run leaves out the runs that it compacts.
    CompactedRunsLost,
    /// Only the newest stretch of a shard is kept.
    StretchesForgotten,
    /// A page of the history is passed over.
    PageSkipped,
    /// A checkpoint keeps its newest cut only, so that a range cannot be narrowed.
    NewestCutOnly,
    /// The budget of the audit is forgotten with each tick.
    BudgetForgotten,
    /// A statement that exhausts Athena's resources is taken for one that fails for another reason.
    ExhaustionNotRecognised,
    /// Discarded batches are listed before raw is counted.
    DiscardsListedFirst,
    // batch: what is published
    /// A view's document is replaced whatever it has become since it was read.
    DocumentNotCompared,
    /// The number of a run whose plan failed is used again.
    RunNumberReused,
    /// A run's token names what it reads and not its plan.
    TokenWithoutPlan,
    /// The output of a failed query is taken in.
    FailedOutputTakenIn,
    /// The output of a query is taken in whatever its manifest names.
    ManifestUnchecked,
    /// A run that was compacted is still named.
    CompactedRunNamed,
    /// A view is published over whatever Glue shows by now.
    PublishedOverAnother,
    /// A view that is missing is made again with an empty watermark.
    MadeAgainEmpty,
    /// Objects are deleted as soon as the newest state does not name them.
    DeletedAtOnce,
    /// Objects to delete are listed after the document was read.
    ListedAfterDocument,
}

impl Mutation {
    /// The name, as in `docs/exactness.md`.
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

/// Writes that an invocation has not waited for.
#[derive(Debug, Default)]
pub struct LateWrites(Mutex<Vec<(String, Bytes, Metadata)>>);

impl LateWrites {
    fn add(&self, key: &str, bytes: Bytes, metadata: &Metadata) {
        locked(&self.0).push((key.to_owned(), bytes, metadata.clone()));
    }

    /// Lets all of them happen.
    pub fn happen(&self, objects: &MemoryStore, now_ms: i64) {
        for (key, bytes, metadata) in locked(&self.0).drain(..) {
            if !objects.keys().contains(&key) {
                objects.put(&key, bytes, metadata, now_ms);
            }
        }
    }
}

/// One invocation of the functions, or one sandbox, that does something wrong; or nothing.
#[derive(Debug)]
pub struct Mutant {
    mutation: Option<Mutation>,
    late_writes: Arc<LateWrites>,
    notes: Mutex<Notes>,
}

/// Notes of a mutant on what it has seen.
#[derive(Debug, Default)]
struct Notes {
    /// The first record of the batch.
    first: Option<SequenceNumber>,
    /// Writes that wait for the checkpoint.
    delayed: Vec<(String, Bytes, Metadata)>,
    /// Documents as they were before the listing.
    documents: HashMap<String, Object>,
    /// Listings of the failure destination as they first were.
    listings: HashMap<String, Vec<Listed>>,
    folders: HashMap<String, Vec<String>>,
    /// The objects that the manifests name.
    manifests: Vec<String>,
}

impl Mutant {
    /// An invocation of functions that do wrong what `mutation` says.
    pub fn new(mutation: Option<Mutation>, late_writes: Arc<LateWrites>) -> Self {
        Self {
            mutation,
            late_writes,
            notes: Mutex::default(),
        }
    }

    /// Notes the first record of the batch that comes next.
    pub fn begin(&self, first: SequenceNumber) {
        self.notes().first = Some(first);
    }

    /// The bucket as the mutant uses it.
    pub fn store(self: &Arc<Self>, store: Arc<dyn Store>) -> Arc<dyn Store> {
        match self.mutation {
            None => store,
            Some(mutation) => Arc::new(store::MutatedStore {
                store,
                mutation,
                mutant: Arc::clone(self),
            }),
        }
    }

    /// The database as the mutant uses it.
    pub fn catalog(
        self: &Arc<Self>,
        catalog: Arc<dyn Catalog>,
        pipeline: &Arc<Pipeline>,
    ) -> Arc<dyn Catalog> {
        match self.mutation {
            None => catalog,
            Some(mutation) => Arc::new(catalog::MutatedCatalog {
                catalog,
                mutation,
                pipeline: Arc::clone(pipeline),
            }),
        }
    }

    /// Athena as the mutant uses it.
    pub fn engine(&self, engine: Arc<dyn QueryEngine>) -> Arc<dyn QueryEngine> {
        match self.mutation {
            None => engine,
            Some(mutation) => Arc::new(engine::MutatedEngine { engine, mutation }),
        }
    }

    /// The stream as the mutant sees it.
    pub fn stream(&self, stream: Arc<dyn Stream>) -> Arc<dyn Stream> {
        match self.mutation {
            Some(mutation @ (Mutation::RangeOffByOne | Mutation::WrongShardKept)) => {
                Arc::new(MutatedStream { stream, mutation })
            }
            _ => stream,
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        locked(&self.notes)
    }
}

struct MutatedStream {
    stream: Arc<dyn Stream>,
    mutation: Mutation,
}

#[async_trait]
impl Stream for MutatedStream {
    async fn hash_range(&self, shard: &str) -> Result<Option<HashRange>> {
        let range = self.stream.hash_range(shard).await?;
        Ok(range.map(|range| {
            let (first, last) = range.bounds();
            match self.mutation {
                Mutation::RangeOffByOne => HashRange::new(first, last - 1),
                _ => HashRange::new(0, u128::MAX),
            }
        }))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
