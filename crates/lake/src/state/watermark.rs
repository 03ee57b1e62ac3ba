//! The published state of a view: watermark and runs, which one `UpdateTable` of its Glue table moves together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use twinlake_pipeline::SequenceNumber;

use super::FORMAT;
use crate::catalog::Table;
use crate::ledger::Totals;
use crate::{Error, Result};

/// The parameter of a view's table that holds its [`Published`].
pub const PARAMETER: &str = "twinlake.published";

/// The watermark of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The last sequence number that batch answers.
    pub sequence_number: SequenceNumber,
    /// The latest arrival among the records of the last move, in milliseconds since 1970.
    pub arrival_ms: i64,
    /// The ledger's totals at the sequence number.
    #[serde(flatten)]
    pub totals: Totals,
}

/// The watermark W of a view version, by shard. A shard of which batch has answered nothing has no entry.
pub type Watermark = BTreeMap<String, Point>;

/// A published run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The value of the partition key `run`.
    pub run: u64,
    /// The number of compactions that its rows went through. Runs of one tier are of one size.
    pub tier: u32,
    /// The number of events that it was computed from.
    pub events: u64,
}

/// The state that the text of a view names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The fingerprint of the view whose derived tables are read.
    pub fingerprint: String,
    /// The generation of its speed logs and runs.
    pub generation: u32,
    /// The number of the state: each state of a version has a higher one than the state before.
    pub revision: u64,
    /// The watermark.
    pub watermark: Watermark,
    /// The runs that hold the events up to the watermark.
    pub runs: Vec<Run>,
    /// The time of the publish, in milliseconds since 1970.
    pub published_ms: i64,
}

impl Published {
    /// The state of a view that speed alone answers.
    pub fn nothing(fingerprint: impl Into<String>, generation: u32, now_ms: i64) -> Self {
        Self {
            format: FORMAT,
            fingerprint: fingerprint.into(),
            generation,
            revision: 0,
            watermark: Watermark::new(),
            runs: Vec::new(),
            published_ms: now_ms,
        }
    }

    /// Reads the state from the view's table.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Corrupt`] if the parameter is missing or not of this format.
    pub fn of(table: &Table) -> Result<Self> {
        let name = &table.definition.name;
        let text = table.definition.parameters.get(PARAMETER);
        let text = text.ok_or_else(|| {
            Error::corrupt(name, format!("the view has no parameter {PARAMETER}"))
        })?;
        let published: Self =
            serde_json::from_str(text).map_err(|error| Error::corrupt(name, error))?;
        if published.format != FORMAT {
            let detail = format!(
                "{PARAMETER} has format {}, this version of Twinlake reads {FORMAT}",
                published.format
            );
            return Err(Error::corrupt(name, detail));
        }
        Ok(published)
    }

    /// The text of the parameter.
    pub fn to_parameter(&self) -> String {
        serde_json::to_string(self).expect("a map with text keys and numbers is always JSON")
    }

    /// The watermark of a shard; the shard's beginning if batch answers nothing of it.
    pub fn sequence_number(&self, shard: &str) -> SequenceNumber {
        self.watermark
            .get(shard)
            .map_or(SequenceNumber::zero(), |point| {
                point.sequence_number.clone()
            })
    }

    /// The ledger's totals at the watermark of a shard.
    pub fn totals(&self, shard: &str) -> Totals {
        self.watermark
            .get(shard)
            .map_or_else(Totals::default, |point| point.totals)
    }
}
