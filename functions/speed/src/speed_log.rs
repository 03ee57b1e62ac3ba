//! One speed log of one shard: its next segment, or the end of a segment that another invocation wrote.

use twinlake_lake::layout::{Layout, SpeedLogName};
use twinlake_lake::store::Written;
use twinlake_lake::{Error as LakeError, Store};
use twinlake_pipeline::SequenceNumber;

use crate::decoded_shard::DecodedShard;
use crate::partials::Partials;
use crate::{Error, Result, segment};

/// The speed log of a view version and a shard.
#[derive(Clone, Copy)]
pub struct SpeedLog<'a> {
    /// The bucket.
    pub store: &'a dyn Store,
    /// The pipeline's keys in it.
    pub layout: &'a Layout,
    /// The statements of the views.
    pub partials: &'a Partials,
    /// The speed log's name.
    pub name: &'a SpeedLogName,
    /// The shard's id.
    pub shard: &'a str,
}

/// The outcome of extending a speed log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extended {
    /// The new end of the speed log.
    pub end: SequenceNumber,
    /// The number of segments that this invocation created.
    pub written: u64,
    /// The number of segments that another invocation had created.
    pub taken_over: u64,
}

impl SpeedLog<'_> {
    /// Writes the segments between `end` and the end of `decoded`. The speed log then ends there, or later if another
    /// invocation had come further.
    ///
    /// # Errors
    /// If S3, the statement or the Parquet writer fails. Segments written before the failure are taken over by the next
    /// invocation.
    pub async fn extend(self, end: SequenceNumber, decoded: &DecodedShard) -> Result<Extended> {
        let mut extended = Extended {
            end,
            written: 0,
            taken_over: 0,
        };
        while let Some(tail) = decoded.after(&extended.end) {
            let key = self.layout.segment(self.name, self.shard, &extended.end);
            let rows = self
                .partials
                .compute(self.name.view(), tail.events())
                .await?;
            let object = segment::encode(&rows, self.shard, &extended.end, tail.end());
            let object = object.map_err(|source| Error::Segment {
                key: key.clone(),
                source,
            })?;
            match self
                .store
                .create(&key, object, &segment::metadata(tail.end()))
                .await?
            {
                Written::Done(_) => {
                    extended.end = tail.end().clone();
                    extended.written += 1;
                }
                Written::PreconditionFailed => {
                    if let Some(end) = self.end_of(&key, &extended.end).await? {
                        tracing::debug!(segment = key, %end, "segment taken over");
                        extended.end = end;
                        extended.taken_over += 1;
                    }
                }
            }
        }
        Ok(extended)
    }

    /// The end of the segment at `key`, which begins after `after`.
    ///
    /// `None` if the segment is gone again. `batch` has deleted it, so the checkpoint that this invocation started from is
    /// not the newest one, as its commit will find out.
    async fn end_of(&self, key: &str, after: &SequenceNumber) -> Result<Option<SequenceNumber>> {
        let Some(metadata) = self.store.metadata(key).await? else {
            return Ok(None);
        };
        let end = segment::last(&metadata).filter(|end| end > after);
        let end = end.ok_or_else(|| {
            LakeError::corrupt(
                key,
                "its metadata names no sequence number at which it ends",
            )
        })?;
        Ok(Some(end))
    }
}
