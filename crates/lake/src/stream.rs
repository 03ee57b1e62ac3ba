//! The Kinesis data stream of a pipeline.

use async_trait::async_trait;
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::Shard;
use twinlake_kpl::HashRange;

use crate::aws::failure;
use crate::{Error, Result};

/// A Kinesis data stream.
#[async_trait]
pub trait Stream: Send + Sync {
    /// The hash keys of a shard, which never change; `None` if the stream has no such shard.
    async fn hash_range(&self, shard: &str) -> Result<Option<HashRange>>;
}

/// [`Stream`] on Amazon Kinesis.
#[derive(Clone)]
pub struct KinesisStream {
    client: Client,
    arn: String,
}

impl KinesisStream {
    /// The stream of the given ARN.
    pub fn new(client: Client, arn: impl Into<String>) -> Self {
        Self {
            client,
            arn: arn.into(),
        }
    }
}

#[async_trait]
impl Stream for KinesisStream {
    async fn hash_range(&self, shard: &str) -> Result<Option<HashRange>> {
        let mut next = None;
        loop {
            let request = self.client.list_shards();
            // A token names the stream already.
            let request = match next {
                Some(token) => request.next_token(token),
                None => request.stream_arn(&self.arn),
            };
            let page = request.send().await;
            let page = page.map_err(|error| failure("list the shards of", &self.arn, error))?;
            let found = page.shards().iter().find(|found| found.shard_id() == shard);
            if let Some(found) = found {
                return range_of(found).map(Some);
            }
            next = page.next_token().map(str::to_owned);
            if next.is_none() {
                return Ok(None);
            }
        }
    }
}

fn range_of(shard: &Shard) -> Result<HashRange> {
    let refused = |detail: String| Error::corrupt(shard.shard_id(), detail);
    let range = shard
        .hash_key_range()
        .ok_or_else(|| refused("Kinesis names no range of hash keys".to_owned()))?;
    HashRange::parse(range.starting_hash_key(), range.ending_hash_key())
        .map_err(|error| refused(error.to_string()))
}
