//! Why an invocation fails.

use twinlake_pipeline::InvalidPosition;

/// What is wrong with the deployment. Nothing that a producer sends leads here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The payload is not what Firehose sends.
    #[error("the payload is no Firehose transformation event: {0}")]
    Event(#[from] serde_json::Error),

    /// A record does not come from a stream.
    #[error(
        "record {record_id} of {delivery_stream} has no kinesisRecordMetadata, and so no place in the stream: \
         the delivery stream's source must be the Kinesis stream, not Direct PUT. A delivery stream cannot change \
         its source: replace it with one made by Terraform"
    )]
    NotFromStream {
        /// Firehose's id of the record.
        record_id: String,
        /// The delivery stream's ARN, as the event says.
        delivery_stream: String,
    },

    /// A record's sequence number is none.
    #[error("record {record_id}: {source}")]
    Position {
        /// Firehose's id of the record.
        record_id: String,
        /// What is wrong with it.
        source: InvalidPosition,
    },

    /// A record's data is not base64, which is Firehose's own work.
    #[error("record {record_id}: its data is not base64: {source}")]
    Data {
        /// Firehose's id of the record.
        record_id: String,
        /// What is wrong with it.
        source: base64::DecodeSliceError,
    },
}
