//! Values that the invocations of one process share: the decoders of the stream and the formats of raw rows.

use twinlake_lake::decoders::Decoders;
use twinlake_lake::layout::Layout;
use twinlake_lake::{Result, Store};
use twinlake_pipeline::Decoder;

use crate::rows::RowFormat;

/// The decoders of the stream, each with the format of its rows.
#[derive(Debug)]
pub struct Context {
    decoders: Decoders,
    /// One for each definition.
    formats: Vec<RowFormat>,
}

impl Context {
    /// Loads the decoders of the pipeline's definitions.
    ///
    /// # Errors
    /// As [`Decoders::load`].
    pub async fn load(store: &dyn Store, layout: &Layout) -> Result<Self> {
        let decoders = Decoders::load(store, layout).await?;
        let formats = decoders
            .iter()
            .map(|entry| RowFormat::new(&entry.definition));
        Ok(Self {
            formats: formats.collect(),
            decoders,
        })
    }

    /// The index of the definition in force at an arrival time, in milliseconds since 1970-01-01 UTC.
    pub(crate) fn index_at(&self, arrival_ms: i64) -> usize {
        self.decoders.index_at(arrival_ms)
    }

    /// The decoder and the row format of the definition at `index`.
    pub(crate) fn definition(&self, index: usize) -> (&Decoder, &RowFormat) {
        (&self.decoders.at(index).decoder, &self.formats[index])
    }
}
