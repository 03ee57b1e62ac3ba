//! One chain of one shard: the next object, or the end of the one that another invocation wrote.

use twinlake_lake::layout::{ChainName, Layout};
use twinlake_lake::store::Written;
use twinlake_lake::{Error as LakeError, Store};
use twinlake_pipeline::Position;

use crate::batch::Batch;
use crate::partials::Partials;
use crate::{Error, Result, object};

/// Where the objects of a chain and a shard go, and what makes their rows.
#[derive(Clone, Copy)]
pub struct Chain<'a> {
    /// The bucket.
    pub store: &'a dyn Store,
    /// What lies where in it.
    pub layout: &'a Layout,
    /// The statements of the views.
    pub partials: &'a Partials,
    /// The chain's name.
    pub name: &'a ChainName,
    /// The shard's id.
    pub shard: &'a str,
}

impl Chain<'_> {
    /// Writes the objects that take the chain from `end` to the end of `batch`, and gives where it then ends: there,
    /// or later if another invocation had come further.
    ///
    /// # Errors
    /// If S3, the statement or the writer fails; what was written until then is found by whoever comes next.
    pub async fn extend(self, mut end: Position, batch: &Batch) -> Result<Position> {
        while let Some(rest) = batch.after(&end) {
            let key = self.layout.speed_object(self.name, self.shard, &end);
            let rows = self
                .partials
                .compute(self.name.view(), rest.events())
                .await?;
            let object = object::encode(&rows, self.shard, &end, rest.end());
            let object = object.map_err(|source| Error::Object {
                key: key.clone(),
                source,
            })?;
            match self
                .store
                .create(&key, object, &object::metadata(rest.end()))
                .await?
            {
                Written::Done(_) => end = rest.end().clone(),
                Written::Lost => {
                    if let Some(adopted) = self.end_of(&key, &end).await? {
                        end = adopted;
                    }
                }
            }
        }
        Ok(end)
    }

    /// The end of the object at `key`, which begins after `after`; `None` if it is gone again: batch has deleted it,
    /// and the head that this invocation started from is not the newest, which its commit will find out.
    async fn end_of(&self, key: &str, after: &Position) -> Result<Option<Position>> {
        let Some(metadata) = self.store.metadata(key).await? else {
            return Ok(None);
        };
        let end = object::last(&metadata).filter(|end| end > after);
        let end = end.ok_or_else(|| {
            LakeError::corrupt(key, "its metadata names no position at which it ends")
        })?;
        Ok(Some(end))
    }
}
