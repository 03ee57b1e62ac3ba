//! The watermark of a view and the runs that it adopted: what one `UpdateTable` of its Glue table moves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use twinlake_pipeline::Position;

use super::FORMAT;
use crate::catalog::Table;
use crate::ledger::Totals;
use crate::{Error, Result};

/// The parameter of a view's table that holds its [`Adopted`].
pub const PARAMETER: &str = "twinlake.adopted";

/// Up to where batch answers on one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The position.
    pub position: Position,
    /// The latest arrival among the records that the last move took in, in milliseconds since 1970.
    pub arrival_ms: i64,
    /// The ledger's totals there.
    #[serde(flatten)]
    pub totals: Totals,
}

/// The watermark: a point for each shard on which batch has answered anything.
pub type Watermark = BTreeMap<String, Point>;

/// An adopted run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The value of the partition key `run`.
    pub run: u64,
    /// How many times its rows have been merged with those of other runs: runs of one tier are of one size.
    pub tier: u32,
}

/// What the text of a view names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The fingerprint of the view whose derived tables are read.
    pub fingerprint: String,
    /// The generation of its chains and runs.
    pub generation: u32,
    /// Up to where batch answers.
    pub watermark: Watermark,
    /// The runs that hold it.
    pub runs: Vec<Run>,
    /// When it became so, in milliseconds since 1970.
    pub switched_ms: i64,
}

impl Adopted {
    /// A view that speed alone answers.
    pub fn nothing(fingerprint: impl Into<String>, generation: u32, now_ms: i64) -> Self {
        Self {
            format: FORMAT,
            fingerprint: fingerprint.into(),
            generation,
            watermark: Watermark::new(),
            runs: Vec::new(),
            switched_ms: now_ms,
        }
    }

    /// What the view's table says.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Corrupt`] if the parameter is missing or not of this format.
    pub fn of(table: &Table) -> Result<Self> {
        let name = &table.definition.name;
        let text = table.definition.parameters.get(PARAMETER);
        let text = text.ok_or_else(|| {
            Error::corrupt(name, format!("the view has no parameter {PARAMETER}"))
        })?;
        let adopted: Self =
            serde_json::from_str(text).map_err(|error| Error::corrupt(name, error))?;
        if adopted.format != FORMAT {
            let detail = format!(
                "{PARAMETER} has format {}, this version of Twinlake reads {FORMAT}",
                adopted.format
            );
            return Err(Error::corrupt(name, detail));
        }
        Ok(adopted)
    }

    /// The parameter's text.
    pub fn to_parameter(&self) -> String {
        serde_json::to_string(self).expect("a map with text keys and numbers is always JSON")
    }

    /// Whether both answer the same from batch: the fields but for the time of the switch.
    pub fn same_answer(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
            && self.generation == other.generation
            && self.watermark == other.watermark
            && self.runs == other.runs
    }

    /// How far batch answers on a shard: the beginning where it answers nothing.
    pub fn position(&self, shard: &str) -> Position {
        self.watermark
            .get(shard)
            .map_or(Position::zero(), |point| point.position.clone())
    }

    /// The totals of the ledger at the watermark of a shard.
    pub fn totals(&self, shard: &str) -> Totals {
        self.watermark
            .get(shard)
            .map_or_else(Totals::default, |point| point.totals)
    }
}
