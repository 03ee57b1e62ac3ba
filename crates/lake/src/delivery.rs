//! The delivery stream of Firehose, which fills `raw/`.

use async_trait::async_trait;
use aws_sdk_firehose::Client;
use aws_sdk_firehose::types::DeliveryStreamStatus;

use crate::aws::failure;
use crate::{Error, ErrorKind, Result};

/// The state of a delivery stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Missing or not active yet.
    Creating,
    /// Active.
    Active {
        /// The first arrival time that it delivers, in milliseconds since 1970: `DeliveryStartTimestamp` of
        /// `DescribeDeliveryStream`.
        since_ms: i64,
    },
}

/// A delivery stream whose source is a Kinesis stream.
#[async_trait]
pub trait Delivery: Send + Sync {
    /// Reads the state.
    async fn state(&self) -> Result<DeliveryState>;
}

/// [`Delivery`] on Amazon Data Firehose.
#[derive(Clone)]
pub struct FirehoseDelivery {
    client: Client,
    name: String,
}

impl FirehoseDelivery {
    /// The delivery stream `name`.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
        }
    }
}

#[async_trait]
impl Delivery for FirehoseDelivery {
    async fn state(&self) -> Result<DeliveryState> {
        let sent = self
            .client
            .describe_delivery_stream()
            .delivery_stream_name(&self.name)
            .send()
            .await;
        let output = match sent {
            Ok(output) => output,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_resource_not_found_exception()) =>
            {
                return Ok(DeliveryState::Creating);
            }
            Err(error) => return Err(failure("describe the delivery stream", &self.name, error)),
        };
        let refused = |detail: String| {
            Error::new(
                ErrorKind::Refused,
                "describe the delivery stream",
                &self.name,
                detail,
            )
        };
        let description = output
            .delivery_stream_description()
            .ok_or_else(|| refused("the answer is empty".into()))?;
        match description.delivery_stream_status() {
            DeliveryStreamStatus::Creating => return Ok(DeliveryState::Creating),
            DeliveryStreamStatus::Active => {}
            other => {
                return Err(refused(format!(
                    "its status is {other}; it must become ACTIVE"
                )));
            }
        }
        let start = description
            .source()
            .and_then(|source| source.kinesis_stream_source_description())
            .and_then(|kinesis| kinesis.delivery_start_timestamp())
            .ok_or_else(|| {
                refused("it has no Kinesis source with a DeliveryStartTimestamp".into())
            })?;
        let since_ms = start
            .to_millis()
            .map_err(|error| refused(format!("its DeliveryStartTimestamp is no time: {error}")))?;
        Ok(DeliveryState::Active { since_ms })
    }
}
