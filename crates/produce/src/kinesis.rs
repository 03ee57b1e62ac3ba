//! A Kinesis data stream: its open shards, and calls of `PutRecords`.

use async_trait::async_trait;
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::config::retry::RetryConfig;
use aws_sdk_kinesis::error::ProvideErrorMetadata;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::{PutRecordsRequestEntry, PutRecordsResultEntry};
use twinlake_kpl::HashRange;
use twinlake_lake::aws::failure;
use twinlake_lake::{Error, ErrorKind, Result};

use crate::packing::{Outgoing, Shard};

/// The error code of a shard that takes no more for the moment.
const THROTTLED: &str = "ProvisionedThroughputExceededException";

/// The result of one record of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The record is in the stream.
    Accepted {
        /// The id of its shard.
        shard: String,
    },
    /// The record's shard takes no more for the moment.
    Throttled,
    /// Kinesis failed on its side, with this text.
    Failed(String),
}

/// The result of a call.
#[derive(Debug)]
pub enum Put {
    /// An answer for each record, in their order.
    Answered(Vec<Answer>),
    /// The whole call was throttled: no record is in the stream.
    Throttled,
    /// No answer came. Some, all or none of the records may be in the stream.
    Unanswered(Error),
}

/// A stream that takes records.
#[async_trait]
pub trait Stream: Send + Sync {
    /// Lists the shards that take records.
    async fn open_shards(&self) -> Result<Vec<Shard>>;

    /// Puts records in one call of at most 500 records and 5 MiB.
    ///
    /// # Errors
    /// If the stream will never take the records. Everything that may pass is a [`Put`].
    async fn put(&self, records: &[Outgoing]) -> Result<Put>;
}

/// [`Stream`] on Amazon Kinesis Data Streams.
#[derive(Clone)]
pub struct KinesisStream {
    client: Client,
    name: String,
}

impl KinesisStream {
    /// The stream of that name.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
        }
    }

    fn missing(&self, operation: &'static str) -> Error {
        let detail = "there is no such stream: deploy the pipeline with `terraform apply`, or check --deployment, \
                      --pipeline, region, account and endpoint";
        Error::new(ErrorKind::NotDeployed, operation, &self.name, detail)
    }

    fn unreadable(&self, detail: impl std::fmt::Display) -> Error {
        Error::new(
            ErrorKind::Corrupt,
            "list the shards of the stream",
            &self.name,
            detail,
        )
    }
}

#[async_trait]
impl Stream for KinesisStream {
    async fn open_shards(&self) -> Result<Vec<Shard>> {
        let operation = "list the shards of the stream";
        let mut shards = Vec::new();
        let mut next: Option<String> = None;
        loop {
            // A request with a token must not name the stream as well.
            let request = match next {
                None => self.client.list_shards().stream_name(&self.name),
                Some(token) => self.client.list_shards().next_token(token),
            };
            let output = request.send().await.map_err(|error| match error.code() {
                Some("ResourceNotFoundException") => self.missing(operation),
                _ => failure(operation, &self.name, error),
            })?;
            for shard in output.shards() {
                let closed = shard
                    .sequence_number_range()
                    .is_some_and(|range| range.ending_sequence_number().is_some());
                if closed {
                    continue;
                }
                let range = shard.hash_key_range();
                let range = range.ok_or_else(|| self.unreadable("a shard has no hash keys"))?;
                let range = HashRange::parse(range.starting_hash_key(), range.ending_hash_key());
                shards.push(Shard {
                    id: shard.shard_id().into(),
                    range: range.map_err(|error| self.unreadable(error))?,
                });
            }
            next = output.next_token().map(str::to_owned);
            if next.is_none() {
                return Ok(shards);
            }
        }
    }

    async fn put(&self, records: &[Outgoing]) -> Result<Put> {
        let operation = "put records to the stream";
        let entry = |record: &Outgoing| {
            PutRecordsRequestEntry::builder()
                .data(Blob::new(record.data.as_ref()))
                .partition_key(&record.partition_key)
                .build()
                .map_err(|error| Error::new(ErrorKind::Refused, operation, &self.name, error))
        };
        let entries = records.iter().map(entry).collect::<Result<Vec<_>>>()?;
        let request = self
            .client
            .put_records()
            .stream_name(&self.name)
            .set_records(Some(entries));
        // The SDK's own retry after a lost answer would put records twice without anybody's knowledge.
        let once = aws_sdk_kinesis::config::Builder::new().retry_config(RetryConfig::disabled());
        match request.customize().config_override(once).send().await {
            Ok(output) => Ok(Put::Answered(output.records().iter().map(answer).collect())),
            Err(error) => match error.code() {
                Some(THROTTLED | "KMSThrottlingException") => Ok(Put::Throttled),
                Some("ResourceNotFoundException") => Err(self.missing(operation)),
                _ => {
                    let error = failure(operation, &self.name, error);
                    if error.is_retryable() {
                        return Ok(Put::Unanswered(error));
                    }
                    Err(error)
                }
            },
        }
    }
}

fn answer(entry: &PutRecordsResultEntry) -> Answer {
    match (entry.error_code(), entry.shard_id()) {
        (None, Some(shard)) => Answer::Accepted {
            shard: shard.to_owned(),
        },
        (Some(THROTTLED), _) => Answer::Throttled,
        (code, _) => Answer::Failed(format!(
            "{}: {}",
            code.unwrap_or("no code"),
            entry.error_message().unwrap_or("no message")
        )),
    }
}
