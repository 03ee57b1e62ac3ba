//! Errors of an invocation. Each fails the whole of it, and the event source mapping tries again.

use datafusion::error::DataFusionError;
use parquet::errors::ParquetError;
use twinlake_lake::layout::SpeedLogName;
use twinlake_telemetry::Failure;

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// The error of an invocation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A record of the payload is not a stream record.
    #[error("stream record {id}: {detail}")]
    Record {
        /// The record's `eventID`.
        id: String,
        /// The defect.
        detail: String,
    },
    /// S3 failed, or an object cannot be read by this version.
    #[error(transparent)]
    Lake(#[from] twinlake_lake::Error),
    /// A reference table is not valid.
    #[error("object {key}")]
    Reference {
        /// The key of its CSV object.
        key: String,
        /// The defects.
        #[source]
        source: twinlake_pipeline::Diagnostics,
    },
    /// A definition decodes to other columns than the deployed views read.
    #[error("definition {decode_id} decodes to other columns than the deployed bundle {bundle}")]
    Columns {
        /// The id of the definition's decode.
        decode_id: String,
        /// The key of the deployed bundle.
        bundle: String,
    },
    /// The events of one invocation exceed an Arrow array.
    #[error("events of one invocation")]
    Events(#[source] arrow_schema::ArrowError),
    /// DataFusion could not plan or run a view's partial statement.
    #[error("partial statement of view {view}")]
    Query {
        /// The view's name.
        view: String,
        /// DataFusion's error.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A view's partial statement yields other columns than the view's tables have.
    #[error("partial statement of view {view}: {detail}")]
    Schema {
        /// The view's name.
        view: String,
        /// The difference.
        detail: String,
    },
    /// A segment could not be written as Parquet.
    #[error("Parquet object {key}")]
    Segment {
        /// The segment's key.
        key: String,
        /// The writer's error.
        #[source]
        source: ParquetError,
    },
    /// Verdicts could not be written as Parquet.
    #[error("verdicts on records of shard {shard}")]
    Verdicts {
        /// The shard's id.
        shard: String,
        /// The writer's error.
        #[source]
        source: ParquetError,
    },
    /// The stream does not list a shard whose records it delivers.
    #[error(
        "shard {shard}: the stream does not list it, so its range of hash keys is not known: nothing was committed"
    )]
    UnknownShard {
        /// The shard's id.
        shard: String,
    },
    /// A speed log in `state/` is unknown to this code, which was deployed before it or after it.
    #[error(
        "{key} names speed log {speed_log}, which this version of the function does not know: nothing was committed"
    )]
    UnknownSpeedLog {
        /// The key of the checkpoint or of the list of speed logs.
        key: String,
        /// The speed log.
        speed_log: SpeedLogName,
    },
    /// A speed log that this code keeps was never opened on a shard.
    #[error("checkpoint {key} has no speed log {speed_log}: nothing was committed")]
    MissingSpeedLog {
        /// The checkpoint's key.
        key: String,
        /// The speed log.
        speed_log: SpeedLogName,
    },
    /// The records of one shard failed.
    #[error("shard {shard}, records {first} to {last}")]
    Shard {
        /// The shard's id.
        shard: String,
        /// The sequence number of the first record.
        first: String,
        /// The sequence number of the last record.
        last: String,
        /// The cause.
        #[source]
        source: Box<Error>,
    },
}

impl Failure for Error {
    fn kind(&self) -> &'static str {
        match self {
            Self::Record { .. } => "Record",
            Self::Lake(error) => error.kind().name(),
            Self::Reference { .. } => "Reference",
            Self::Columns { .. } => "Columns",
            Self::Events(_) => "Events",
            Self::Query { .. } => "Query",
            Self::Schema { .. } => "Schema",
            Self::Segment { .. } => "Segment",
            Self::Verdicts { .. } => "Verdicts",
            Self::UnknownShard { .. } => "UnknownShard",
            Self::UnknownSpeedLog { .. } => "UnknownSpeedLog",
            Self::MissingSpeedLog { .. } => "MissingSpeedLog",
            Self::Shard { source, .. } => source.kind(),
        }
    }
}
