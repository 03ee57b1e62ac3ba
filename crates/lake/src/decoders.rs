//! The decoders of a pipeline's stream, one for each definition that was ever in force.
//!
//! `preprocess` and `speed` load them here, with the same checks, so that both layers decode every byte alike.

use std::sync::Arc;

use twinlake_pipeline::{Decoder, Definition};

use crate::layout::Layout;
use crate::state::deployment::Definitions;
use crate::store::Store;
use crate::{Error, Result, bundle, state};

/// The definitions of a pipeline's stream, each with its decoder.
#[derive(Debug, Clone)]
pub struct Decoders {
    list: Definitions,
    entries: Vec<DefinitionDecoder>,
}

/// A definition and its decoder.
#[derive(Debug, Clone)]
pub struct DefinitionDecoder {
    /// The definition.
    pub definition: Definition,
    /// The decoder of its records.
    pub decoder: Decoder,
    /// The definition's decode id, which raw rows carry as `_definition`.
    pub decode_id: Arc<str>,
}

impl DefinitionDecoder {
    fn of(definition: Definition) -> Self {
        Self {
            decoder: Decoder::new(&definition),
            decode_id: definition.decode_id().into(),
            definition,
        }
    }
}

impl Decoders {
    /// Reads the pipeline's list of definitions and the bundles that it names.
    ///
    /// # Errors
    /// - [`crate::ErrorKind::NotDeployed`] if the list or a bundle is missing.
    /// - [`crate::ErrorKind::Corrupt`] if the list is empty or out of order, if a bundle is not valid, or if this version
    ///   of Twinlake decodes a bundle otherwise than the list says.
    pub async fn load(store: &dyn Store, layout: &Layout) -> Result<Self> {
        let key = layout.definitions();
        let list: Definitions = state::required(store, &key).await?;
        check_order(&key, &list)?;
        let mut entries = Vec::with_capacity(list.definitions.len());
        for entry in &list.definitions {
            let definition = bundle::read_definition(store, &entry.bundle).await?;
            if definition.decode_id() != entry.decode_id {
                let detail = format!(
                    "this version of Twinlake decodes it as {}, {key} says {}",
                    definition.decode_id(),
                    entry.decode_id
                );
                return Err(Error::corrupt(&entry.bundle, detail));
            }
            entries.push(DefinitionDecoder::of(definition));
        }
        Ok(Self { list, entries })
    }

    /// The decoders of a pipeline that always had one definition. `bundle` is the key of its bundle.
    pub fn of(definition: Definition, bundle: &str) -> Self {
        Self {
            list: Definitions::first(bundle, definition.decode_id()),
            entries: vec![DefinitionDecoder::of(definition)],
        }
    }

    /// Each definition with its decoder, in the order of the list.
    pub fn iter(&self) -> std::slice::Iter<'_, DefinitionDecoder> {
        self.entries.iter()
    }

    /// The index of the definition in force at an arrival time, in milliseconds since 1970.
    pub fn index_at(&self, arrival_ms: i64) -> usize {
        self.list.index_at(arrival_ms)
    }

    /// The definition at `index`, with its decoder.
    ///
    /// # Panics
    /// If `index` does not come from [`Self::index_at`].
    pub fn at(&self, index: usize) -> &DefinitionDecoder {
        &self.entries[index]
    }
}

fn check_order(key: &str, list: &Definitions) -> Result<()> {
    if list.definitions.is_empty() {
        return Err(Error::corrupt(key, "it lists no definition"));
    }
    let ordered = list
        .definitions
        .windows(2)
        .all(|pair| pair[0].from_ms < pair[1].from_ms);
    match ordered {
        true => Ok(()),
        false => Err(Error::corrupt(
            key,
            "its definitions are not in the order of their times",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::state::deployment::DefinitionEntry;
    use crate::store::Metadata;
    use crate::{ErrorKind, bundle};

    const BUNDLE: &str = "bundles/one.json";

    fn bundle_of(column_type: &str) -> String {
        let pipeline = format!(
            "version: 1\nname: meters\nstream: {{ format: json }}\ncolumns:\n  - {{ name: id, type: {column_type} }}\n"
        );
        serde_json::json!({
            "format": 1, "pipeline": pipeline, "views": { "all": "SELECT id FROM events" }, "queries": {}, "reference": {},
        })
        .to_string()
    }

    async fn load(list: Definitions) -> Result<Decoders> {
        let store = MemoryStore::new();
        let layout = Layout::new("bucket", "meters");
        store.put(BUNDLE, bundle_of("string"), Metadata::new(), 0);
        state::create(&store, &layout.definitions(), &list)
            .await
            .unwrap();
        Decoders::load(&store, &layout).await
    }

    fn decode_id() -> String {
        parse(&bundle_of("string")).decode_id()
    }

    fn parse(bundle: &str) -> Definition {
        bundle::parse_definition(BUNDLE, bundle.as_bytes()).unwrap()
    }

    fn refused(outcome: Result<Decoders>) -> (ErrorKind, String) {
        let error = outcome.unwrap_err();
        (error.kind(), error.to_string())
    }

    #[tokio::test]
    async fn each_definition_has_its_decoder() {
        let mut list = Definitions::first(BUNDLE, decode_id());
        list.definitions.push(DefinitionEntry {
            from_ms: 100,
            ..list.definitions[0].clone()
        });
        let decoders = load(list).await.unwrap();
        assert_eq!((decoders.index_at(99), decoders.index_at(100)), (0, 1));
        assert_eq!(decoders.iter().count(), 2);
    }

    #[tokio::test]
    async fn an_empty_list_is_refused() {
        let mut list = Definitions::first(BUNDLE, decode_id());
        list.definitions.clear();
        let (kind, message) = refused(load(list).await);
        assert_eq!(kind, ErrorKind::Corrupt);
        assert!(message.contains("lists no definition"), "{message}");
    }

    #[tokio::test]
    async fn a_list_out_of_order_is_refused() {
        let mut list = Definitions::first(BUNDLE, decode_id());
        list.definitions.push(list.definitions[0].clone());
        let (_, message) = refused(load(list).await);
        assert!(message.contains("order of their times"), "{message}");
    }

    #[tokio::test]
    async fn another_decode_than_the_listed_one_is_refused() {
        let (kind, message) = refused(load(Definitions::first(BUNDLE, "0123456789abcdef")).await);
        assert_eq!(kind, ErrorKind::Corrupt);
        assert!(message.contains("says 0123456789abcdef"), "{message}");
    }

    #[tokio::test]
    async fn a_missing_list_or_bundle_is_not_deployed() {
        let store = MemoryStore::new();
        let layout = Layout::new("bucket", "meters");
        let (kind, message) = refused(Decoders::load(&store, &layout).await);
        assert_eq!(kind, ErrorKind::NotDeployed);
        assert!(message.contains("definitions.json"), "{message}");
        let list = Definitions::first("bundles/gone.json", decode_id());
        let (kind, message) = refused(load(list).await);
        assert_eq!(kind, ErrorKind::NotDeployed);
        assert!(message.contains("bundles/gone.json"), "{message}");
    }
}
