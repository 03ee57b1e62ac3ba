//! What the invocations of one process share: the ways of decoding the stream.

use twinlake_lake::layout::Layout;
use twinlake_lake::state::{self, deployment::Definitions};
use twinlake_lake::{Error, ErrorKind, Result, Store};
use twinlake_pipeline::{Decoder, Definition};

use crate::rows::RowFormat;

/// The definitions of the stream, and from when on each holds.
#[derive(Debug)]
pub struct Context {
    definitions: Definitions,
    /// One for each of the definitions.
    decodes: Vec<Decode>,
}

/// One definition, ready for use.
#[derive(Debug)]
pub(crate) struct Decode {
    pub(crate) decoder: Decoder,
    pub(crate) rows: RowFormat,
}

impl Context {
    /// Reads the pipeline's list of definitions and the bundles that it names.
    ///
    /// # Errors
    /// If one of them is not there or cannot be read, or if this code decodes otherwise than the list says.
    pub async fn load(store: &dyn Store, layout: &Layout) -> Result<Self> {
        let key = layout.definitions();
        let definitions = state::read::<Definitions>(store, &key).await?;
        let definitions = definitions
            .ok_or_else(|| missing(&key, "`batch` writes it when it is invoked with `prepare`"))?;
        let definitions = definitions.value;
        let mut decodes = Vec::with_capacity(definitions.definitions.len());
        for entry in &definitions.definitions {
            let bundle = store.get(&entry.bundle).await?;
            let bundle =
                bundle.ok_or_else(|| missing(&entry.bundle, "Terraform uploads the bundles"))?;
            let definition = Definition::from_bundle(&bundle.bytes)
                .map_err(|error| Error::corrupt(&entry.bundle, error))?;
            if definition.decode_id() != entry.decode_id {
                let detail = format!(
                    "this code would decode it as {}, the list of definitions says {}",
                    definition.decode_id(),
                    entry.decode_id
                );
                return Err(Error::corrupt(&entry.bundle, detail));
            }
            decodes.push(Decode {
                decoder: Decoder::new(&definition),
                rows: RowFormat::new(&definition),
            });
        }
        if decodes.is_empty() {
            return Err(Error::corrupt(&key, "it lists no definition"));
        }
        Ok(Self {
            definitions,
            decodes,
        })
    }

    /// Which of the definitions decodes a record that arrived at this time (milliseconds since 1970-01-01 UTC).
    pub(crate) fn index_at(&self, arrival_ms: i64) -> usize {
        self.definitions.index_at(arrival_ms)
    }

    pub(crate) fn decode(&self, index: usize) -> &Decode {
        &self.decodes[index]
    }
}

fn missing(key: &str, detail: &str) -> Error {
    let detail = format!("it is not there; {detail}");
    Error::new(ErrorKind::NotDeployed, "read", key, detail)
}
