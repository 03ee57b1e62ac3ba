//! Errors of an invocation.

use twinlake_pipeline::InvalidSequenceNumber;
use twinlake_telemetry::Failure;

/// The error of an invocation. The deployment is wrong: nothing that a producer sends leads here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The definitions could not be loaded.
    #[error(transparent)]
    Lake(#[from] twinlake_lake::Error),

    /// The payload is not an event of a Firehose transformation.
    #[error("the payload is no Firehose transformation event: {0}")]
    Event(#[from] serde_json::Error),

    /// A record does not come from a stream.
    #[error(
        "record {record_id} of {delivery_stream} has no kinesisRecordMetadata, and so no place in the stream: \
         the delivery stream's source must be the Kinesis stream, not Direct PUT. A delivery stream cannot change \
         its source: replace it with one made by Terraform"
    )]
    NotFromStream {
        /// The record's id.
        record_id: String,
        /// The delivery stream's ARN, as the event says.
        delivery_stream: String,
    },

    /// A record's sequence number is not valid.
    #[error("record {record_id}: {source}")]
    SequenceNumber {
        /// The record's id.
        record_id: String,
        /// The defect.
        source: InvalidSequenceNumber,
    },

    /// A record's data is not base64, as Firehose encodes it.
    #[error("record {record_id}: its data is not base64: {source}")]
    Data {
        /// The record's id.
        record_id: String,
        /// The defect.
        source: base64::DecodeSliceError,
    },
}

impl Failure for Error {
    fn kind(&self) -> &'static str {
        match self {
            Self::Lake(error) => error.kind().name(),
            Self::Event(_) => "Event",
            Self::NotFromStream { .. } => "NotFromStream",
            Self::SequenceNumber { .. } => "SequenceNumber",
            Self::Data { .. } => "Data",
        }
    }
}
