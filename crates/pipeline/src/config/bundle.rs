//! A pipeline's folder as one immutable JSON object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reading::{self, Source};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Span};
use crate::model::definition::Definition;

/// The only version of the bundle's schema so far.
const FORMAT: u32 = 1;

/// The name of a bundle in diagnostics.
const BUNDLE: &str = "bundle";

/// A bundle's schema. Terraform writes bundles with `jsonencode`: neither key order nor escapes are given.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    format: u32,
    pipeline: String,
    views: BTreeMap<String, String>,
    queries: BTreeMap<String, String>,
    reference: BTreeMap<String, String>,
}

/// The part of the schema that every version has.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Definition {
    /// Reads and checks a bundle: a pipeline's folder as one JSON object, which names reference tables by the SHA-256 of
    /// their files. [`Folder::bundle`](crate::Folder::bundle) describes its schema.
    ///
    /// ```
    /// use twinlake_pipeline::{ColumnType, Definition};
    ///
    /// let bundle = br#"{
    ///     "format": 1,
    ///     "pipeline": "version: 1\nname: meters\nstream: { format: json }\ncolumns: [{ name: temp, type: double }]",
    ///     "views": { "hot": "SELECT temp FROM events WHERE temp > 90" },
    ///     "queries": {},
    ///     "reference": {}
    /// }"#;
    /// let definition = Definition::from_bundle(bundle)?;
    /// assert_eq!(definition.name, "meters");
    /// assert_eq!(definition.columns[0].column_type, ColumnType::Double);
    /// assert_eq!(definition.decode_id().len(), 16);
    /// # Ok::<(), twinlake_pipeline::Diagnostics>(())
    /// ```
    ///
    /// # Errors
    /// If the bytes are no bundle of a known format; otherwise as [`Definition::from_folder`].
    pub fn from_bundle(bytes: &[u8]) -> Result<Self, Diagnostics> {
        let bundle = Bundle::parse(bytes)?;
        reading::read(&Source {
            pipeline: &bundle.pipeline,
            views: &bundle.views,
            queries: &bundle.queries,
            references: &bundle.reference,
        })
    }
}

/// Writes a definition's texts as a bundle.
pub(super) fn write(source: &Source<'_>) -> Vec<u8> {
    let bundle = Bundle {
        format: FORMAT,
        pipeline: source.pipeline.to_owned(),
        views: source.views.clone(),
        queries: source.queries.clone(),
        reference: source.references.clone(),
    };
    serde_json::to_vec(&bundle).expect("texts by name are plain JSON")
}

impl Bundle {
    fn parse(bytes: &[u8]) -> Result<Self, Diagnostics> {
        let Version { format } =
            serde_json::from_slice(bytes).map_err(|error| not_a_bundle(&error))?;
        if format != FORMAT {
            let unknown = Diagnostic::new(BUNDLE, format!("format {format} is not known"));
            let help = format!("this version of Twinlake reads bundles of format {FORMAT}");
            return Err(unknown.help(help).into());
        }
        serde_json::from_slice(bytes).map_err(|error| not_a_bundle(&error))
    }
}

fn not_a_bundle(error: &serde_json::Error) -> Diagnostics {
    let place = Place {
        line: error.line() as u64,
        column: error.column() as u64,
    };
    Diagnostic::new(BUNDLE, format!("not a bundle: {error}"))
        .at(Span::from(place))
        .into()
}
