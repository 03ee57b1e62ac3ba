//! Discarded batches, which the event source mapping writes to its failure destination whole.

use serde::Deserialize;
use twinlake_lake::layout::DISCARDED_PREFIX;
use twinlake_pipeline::SequenceNumber;

use crate::context::Context;
use crate::error::{Error, Result};

/// A batch of stream records that `speed` could not commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discarded {
    /// The shard's id.
    pub shard: String,
    /// The sequence number of the last record.
    pub upto: SequenceNumber,
    /// The key of the object that holds the batch.
    pub object: String,
}

/// An invocation record, as an event source mapping writes it (Lambda Developer Guide, "Retain discarded batch records
/// for a Kinesis Data Streams event source"). Records of asynchronous invocations lie beside it and have no batch.
#[derive(Deserialize)]
struct InvocationRecord {
    #[serde(rename = "KinesisBatchInfo")]
    batch: Option<BatchInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchInfo {
    shard_id: String,
    end_sequence_number: String,
    stream_arn: String,
}

/// Lists the discarded batches of the pipeline's stream.
///
/// # Errors
/// [`Error::Unexpected`] if an object there cannot be read. It may be a batch, so nothing may be audited past it.
pub async fn list(context: &Context) -> Result<Vec<Discarded>> {
    let store = &*context.services.store;
    let mut discarded = Vec::new();
    for listed in store.list(DISCARDED_PREFIX).await? {
        let Some(object) = store.get(&listed.key).await? else {
            continue;
        };
        let unreadable = |detail: String| Error::Unexpected {
            subject: listed.key.clone(),
            detail: format!("no invocation record of an event source mapping: {detail}"),
        };
        let record: InvocationRecord =
            serde_json::from_slice(&object.bytes).map_err(|error| unreadable(error.to_string()))?;
        let Some(batch) = record
            .batch
            .filter(|batch| batch.stream_arn == context.settings.stream_arn)
        else {
            continue;
        };
        let upto = SequenceNumber::parse(&batch.end_sequence_number)
            .map_err(|error| unreadable(error.to_string()))?;
        discarded.push(Discarded {
            shard: batch.shard_id,
            upto,
            object: listed.key,
        });
    }
    Ok(discarded)
}
