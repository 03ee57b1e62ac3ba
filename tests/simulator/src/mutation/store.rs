use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use twinlake_lake::budget::Budget;
use twinlake_lake::layout::{DISCARDED_PREFIX, parse_segment};
use twinlake_lake::state::audit::Audit;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::view::ViewDocument;
use twinlake_lake::store::{Listed, Metadata, Object, Store, Written};
use twinlake_lake::{ErrorKind, Result};

use super::{Mutant, Mutation};
use crate::raw;
use crate::setup::BOUNDS;

/// The bucket as a mutant uses it.
pub(super) struct MutatedStore {
    pub(super) store: Arc<dyn Store>,
    pub(super) mutation: Mutation,
    pub(super) mutant: Arc<Mutant>,
}

/// The kind of an object, by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Segment,
    Verdicts,
    Checkpoint,
    Audit,
    View,
    Manifest,
    Run,
    Discarded,
    Other,
}

impl Subject {
    fn of(key: &str) -> Self {
        let is_state = |folder: &str| key.starts_with("state/") && key.contains(folder);
        if key.starts_with("speed/") {
            Self::Segment
        } else if key.starts_with("raw/") {
            Self::Verdicts
        } else if is_state("/checkpoints/") {
            Self::Checkpoint
        } else if is_state("/audit.json") {
            Self::Audit
        } else if is_state("/views/") {
            Self::View
        } else if key.starts_with("results/") {
            Self::Manifest
        } else if key.starts_with("batch/") {
            Self::Run
        } else if key.starts_with(DISCARDED_PREFIX) {
            Self::Discarded
        } else {
            Self::Other
        }
    }
}

impl MutatedStore {
    fn is(&self, mutation: Mutation) -> bool {
        self.mutation == mutation
    }

    /// Writes an object over whatever is there.
    async fn overwrite(&self, key: &str, bytes: Bytes, metadata: &Metadata) -> Result<Written> {
        loop {
            let written = match self.store.get(key).await? {
                Some(object) => self.store.replace(key, bytes.clone(), &object.etag).await?,
                None => self.store.create(key, bytes.clone(), metadata).await?,
            };
            if let Written::Done(etag) = written {
                return Ok(Written::Done(etag));
            }
        }
    }

    /// Writes what was to be written before the checkpoint.
    async fn write_delayed(&self) -> Result<()> {
        let delayed = std::mem::take(&mut self.mutant.notes().delayed);
        for (key, bytes, metadata) in delayed {
            self.store.create(&key, bytes, &metadata).await?;
        }
        Ok(())
    }

    async fn create_segment(
        &self,
        key: &str,
        bytes: Bytes,
        metadata: &Metadata,
    ) -> Result<Written> {
        let done = || Ok(Written::Done(String::new()));
        match self.mutation {
            Mutation::SegmentOverwritten => self.overwrite(key, bytes, metadata).await,
            Mutation::RefusalTakenForSuccess => {
                match self.store.create(key, bytes, metadata).await {
                    Ok(Written::PreconditionFailed) => done(),
                    Err(error) if error.kind() == ErrorKind::Unavailable => done(),
                    written => written,
                }
            }
            Mutation::CheckpointBeforeSegments => {
                let delayed = (key.to_owned(), bytes, metadata.clone());
                self.mutant.notes().delayed.push(delayed);
                done()
            }
            Mutation::EmptySegmentSkipped if is_empty(&bytes) => done(),
            Mutation::OneViewForgotten if key.contains("/each/") => done(),
            Mutation::AnsweredTooEarly => {
                self.mutant.late_writes.add(key, bytes, metadata);
                done()
            }
            Mutation::KeyFromFirstRecord => {
                let first = self.mutant.notes().first.clone();
                let named = first.and_then(|first| {
                    let (_, after) = parse_segment(key)?;
                    Some(key.replace(after.as_str(), first.as_str()))
                });
                self.store
                    .create(named.as_deref().unwrap_or(key), bytes, metadata)
                    .await
            }
            _ => self.store.create(key, bytes, metadata).await,
        }
    }

    async fn create_verdicts(
        &self,
        key: &str,
        bytes: Bytes,
        metadata: &Metadata,
    ) -> Result<Written> {
        match self.mutation {
            Mutation::VerdictsNotWritten => Ok(Written::Done(String::new())),
            Mutation::CheckpointBeforeVerdicts => {
                let delayed = (key.to_owned(), bytes, metadata.clone());
                self.mutant.notes().delayed.push(delayed);
                Ok(Written::Done(String::new()))
            }
            _ => self.store.create(key, bytes, metadata).await,
        }
    }

    async fn replace_checkpoint(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written> {
        let bytes = match self.mutation {
            Mutation::ChecksumIgnored => changed(&bytes, |checkpoint: &mut ShardCheckpoint| {
                checkpoint.totals.checksum = 0;
                for cut in &mut checkpoint.cuts {
                    cut.totals.checksum = 0;
                }
            }),
            Mutation::NewestCutOnly => changed(&bytes, |checkpoint: &mut ShardCheckpoint| {
                let older = checkpoint.cuts.len().saturating_sub(1);
                checkpoint.cuts.drain(..older);
            }),
            _ => bytes,
        };
        let written = match self.mutation {
            Mutation::CheckpointNotCompared => self.overwrite(key, bytes, &Metadata::new()).await?,
            _ => self.store.replace(key, bytes, etag).await?,
        };
        self.write_delayed().await?;
        match written {
            Written::PreconditionFailed if self.is(Mutation::LostCommitAnswered) => {
                Ok(Written::Done(String::new()))
            }
            written => Ok(written),
        }
    }

    async fn replace_document(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written> {
        let before = self.store.get(key).await?;
        let before: Option<ViewDocument> =
            before.and_then(|object| serde_json::from_slice(&object.bytes).ok());
        let bytes = changed(&bytes, |document: &mut ViewDocument| {
            match self.mutation {
                Mutation::RunNumberReused => {
                    // The number moves on when the output is taken in only.
                    let newest = document.state.runs.iter().map(|run| run.run).max();
                    document.next_run = newest.unwrap_or_default() + 1;
                }
                Mutation::CompactedRunNamed => {
                    let runs = &mut document.state.runs;
                    let known: Vec<u64> = runs.iter().map(|run| run.run).collect();
                    let before = before.iter().flat_map(|before| &before.state.runs);
                    runs.extend(before.filter(|run| !known.contains(&run.run)).cloned());
                }
                Mutation::DeletedAtOnce => document.earlier.clear(),
                Mutation::PageSkipped if before.is_some_and(|one| one.page < document.page) => {
                    document.page += 1;
                }
                _ => {}
            }
        });
        match self.mutation {
            Mutation::DocumentNotCompared => self.overwrite(key, bytes, &Metadata::new()).await,
            _ => self.store.replace(key, bytes, etag).await,
        }
    }

    fn audit(&self, bytes: Bytes) -> Bytes {
        match self.mutation {
            Mutation::StretchesForgotten => changed(&bytes, |audit: &mut Audit| {
                for shard in audit.shards.values_mut() {
                    let forgotten = shard.stretches.len().saturating_sub(1);
                    shard.stretches.drain(..forgotten);
                }
            }),
            Mutation::BudgetForgotten => changed(&bytes, |audit: &mut Audit| {
                audit.budget = Budget::initial(&BOUNDS);
            }),
            _ => bytes,
        }
    }
}

/// A document after a change.
fn changed<T: Serialize + DeserializeOwned>(bytes: &Bytes, change: impl FnOnce(&mut T)) -> Bytes {
    let mut value: T = serde_json::from_slice(bytes).expect("a document is what it says");
    change(&mut value);
    serde_json::to_vec(&value)
        .expect("a document is JSON")
        .into()
}

/// The document of the view whose segments are listed.
fn document_of(prefix: &str) -> Option<String> {
    let mut folders = prefix.strip_prefix("speed/")?.split('/');
    let (pipeline, view) = (folders.next()?, folders.next()?);
    Some(format!("state/{pipeline}/views/{view}.json"))
}

fn is_empty(segment: &Bytes) -> bool {
    raw::decode(segment.clone())
        .iter()
        .all(|batch| batch.num_rows() == 0)
}

#[async_trait]
impl Store for MutatedStore {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        let subject = Subject::of(key);
        let object = self.store.get(key).await?;
        match subject {
            Subject::View if self.is(Mutation::ListedAfterDocument) => {
                let before = self.mutant.notes().documents.remove(key);
                return Ok(before.or(object));
            }
            Subject::Manifest if self.is(Mutation::ManifestUnchecked) => {
                let text = object.as_ref().map(|object| object.bytes.clone());
                let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
                let named = text.lines().map(str::to_owned);
                self.mutant.notes().manifests.extend(named);
            }
            _ => {}
        }
        Ok(object)
    }

    async fn beginning(&self, key: &str, limit: u64) -> Result<Option<Bytes>> {
        self.store.beginning(key, limit).await
    }

    async fn metadata(&self, key: &str) -> Result<Option<Metadata>> {
        self.store.metadata(key).await
    }

    async fn create(&self, key: &str, bytes: Bytes, metadata: &Metadata) -> Result<Written> {
        match Subject::of(key) {
            Subject::Segment => self.create_segment(key, bytes, metadata).await,
            Subject::Verdicts => self.create_verdicts(key, bytes, metadata).await,
            Subject::Audit => {
                let bytes = self.audit(bytes);
                self.store.create(key, bytes, metadata).await
            }
            _ => self.store.create(key, bytes, metadata).await,
        }
    }

    async fn replace(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written> {
        match Subject::of(key) {
            Subject::Checkpoint => self.replace_checkpoint(key, bytes, etag).await,
            Subject::View => self.replace_document(key, bytes, etag).await,
            Subject::Audit => {
                let bytes = self.audit(bytes);
                self.store.replace(key, bytes, etag).await
            }
            _ => self.store.replace(key, bytes, etag).await,
        }
    }

    async fn list_after(&self, prefix: &str, after: &str) -> Result<Vec<Listed>> {
        if self.is(Mutation::ListedAfterDocument)
            && let Some(key) = document_of(prefix)
            && let Some(document) = self.store.get(&key).await?
        {
            self.mutant.notes().documents.insert(key, document);
        }
        let listed = self.store.list_after(prefix, after).await?;
        let mut notes = self.mutant.notes();
        match Subject::of(prefix) {
            Subject::Discarded if self.is(Mutation::DiscardsListedFirst) => {
                let first = notes.listings.entry(prefix.to_owned());
                Ok(first.or_insert(listed).clone())
            }
            Subject::Run if self.is(Mutation::ManifestUnchecked) && prefix.contains("run=") => {
                let named = |object: &Listed| {
                    let mut named = notes.manifests.iter();
                    named.any(|uri| uri.ends_with(&object.key))
                };
                Ok(listed.into_iter().filter(named).collect())
            }
            _ => Ok(listed),
        }
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        let folders = self.store.folders(prefix).await?;
        if self.is(Mutation::DiscardsListedFirst) && prefix.starts_with(DISCARDED_PREFIX) {
            let mut notes = self.mutant.notes();
            let first = notes.folders.entry(prefix.to_owned());
            return Ok(first.or_insert(folders).clone());
        }
        Ok(folders)
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        self.store.delete(keys).await
    }
}
