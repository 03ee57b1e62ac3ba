//! A pipeline's folder as one immutable JSON object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Source;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Span};

/// The only version of the bundle's schema so far.
const FORMAT: u32 = 1;

/// What a bundle is called in errors.
const BUNDLE: &str = "bundle";

/// A bundle's schema. Terraform writes it with `jsonencode`, so key order and escapes are not to be relied on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bundle {
    pub(super) format: u32,
    pub(super) pipeline: String,
    pub(super) views: BTreeMap<String, String>,
    pub(super) queries: BTreeMap<String, String>,
    pub(super) reference: BTreeMap<String, String>,
}

/// The part of the schema that every version has.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Bundle {
    pub(super) fn new(source: &Source<'_>) -> Self {
        Self {
            format: FORMAT,
            pipeline: source.pipeline.to_owned(),
            views: source.views.clone(),
            queries: source.queries.clone(),
            reference: source.references.clone(),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Diagnostics> {
        let Version { format } =
            serde_json::from_slice(bytes).map_err(|error| not_a_bundle(&error))?;
        if format != FORMAT {
            let message = format!(
                "format {format} is not known to this version, which reads format {FORMAT}"
            );
            return Err(Diagnostics::from(Diagnostic::new(BUNDLE, message)));
        }
        serde_json::from_slice(bytes).map_err(|error| not_a_bundle(&error))
    }

    pub(super) fn source(&self) -> Source<'_> {
        Source {
            pipeline: &self.pipeline,
            views: &self.views,
            queries: &self.queries,
            references: &self.reference,
        }
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
