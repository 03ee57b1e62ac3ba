//! What can make an invocation fail. Every failure fails the whole of it: the event source mapping tries again.

use datafusion::error::DataFusionError;
use parquet::errors::ParquetError;
use twinlake_lake::layout::ChainName;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an invocation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An environment variable holds what it must not.
    #[error("environment variable {name}: {detail}")]
    Setting {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The invocation's payload holds a record that no stream can hold.
    #[error("stream record {id}: {detail}")]
    Record {
        /// The record's `eventID`.
        id: String,
        /// What is wrong with it.
        detail: String,
    },
    /// S3 failed, or holds what this version cannot read.
    #[error(transparent)]
    Lake(#[from] twinlake_lake::Error),
    /// A bundle or a reference table is not valid.
    #[error("object {key}")]
    Definition {
        /// Its key.
        key: String,
        /// What is wrong with it.
        #[source]
        source: twinlake_pipeline::Error,
    },
    /// The stream has been decoded into other columns than the deployed views read.
    #[error("definition {decode_id} decodes to other columns than the deployed bundle {bundle}")]
    Columns {
        /// The definition in the list.
        decode_id: String,
        /// The key of the deployed bundle.
        bundle: String,
    },
    /// A view does not compile.
    #[error("view {view}")]
    View {
        /// Its name.
        view: String,
        /// What is wrong with it.
        #[source]
        source: Box<twinlake_views::Error>,
    },
    /// The events of one invocation are more than Arrow's arrays hold.
    #[error("events of one invocation")]
    Events(#[source] arrow_schema::ArrowError),
    /// A view's partial statement could not be planned or run.
    #[error("partial statement of view {view}")]
    Query {
        /// The view's name.
        view: String,
        /// What the engine says.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A view's partial statement gives other columns than the view's tables have.
    #[error("partial statement of view {view}: {detail}")]
    Schema {
        /// The view's name.
        view: String,
        /// The difference.
        detail: String,
    },
    /// Rows could not be written as Parquet.
    #[error("Parquet object {key}")]
    Object {
        /// Its key.
        key: String,
        /// What the writer says.
        #[source]
        source: ParquetError,
    },
    /// A chain that others keep is none that this code keeps: it was deployed before that chain or after it.
    #[error(
        "{key} names chain {chain}, which this version of the function does not know: nothing was committed"
    )]
    UnknownChain {
        /// The key of the head or of the list of chains.
        key: String,
        /// The chain.
        chain: ChainName,
    },
    /// A chain that this code keeps was never opened on a shard.
    #[error("head {key} has no chain {chain}: nothing was committed")]
    MissingChain {
        /// The head's key.
        key: String,
        /// The chain.
        chain: ChainName,
    },
    /// The part of an invocation that belongs to one shard failed.
    #[error("shard {shard}, records {first} to {last}")]
    Shard {
        /// The shard.
        shard: String,
        /// The position of the first record.
        first: String,
        /// The position of the last record.
        last: String,
        /// Why.
        #[source]
        source: Box<Error>,
    },
}

impl Error {
    /// The error and its causes in one line.
    pub fn report(&self) -> String {
        let causes = std::iter::successors(std::error::Error::source(self), |error| error.source());
        let texts = std::iter::once(self.to_string()).chain(causes.map(ToString::to_string));
        texts.collect::<Vec<_>>().join(": ")
    }
}
