//! The plan of a view's next run, fixed before Athena is asked: whoever finds it does the same.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::state;
use super::watermark::{Adopted, Watermark};
use crate::layout::Hour;
use crate::ledger::Arrivals;

/// `state/<pipeline>/plans/<view>.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Always [`super::FORMAT`].
    pub format: u32,
    /// What the view answered when the plan was made; a plan that starts elsewhere than the view stands is dead.
    pub start: Adopted,
    /// The watermark that the run moves to.
    pub target: Watermark,
    /// The raw folders that hold the range, in order.
    #[serde(with = "hours")]
    pub folders: Vec<Hour>,
    /// When the records of the range arrived.
    #[serde(flatten)]
    pub arrivals: Arrivals,
    /// The value of the partition key `run`; each plan of a view has a higher one.
    pub run: u64,
    /// The runs whose rows the new one takes over.
    pub absorb: Vec<u64>,
    /// The tier of the new run.
    pub tier: u32,
    /// Counts the times that Athena was asked; from 1.
    pub attempt: u32,
}

state!(Plan);

impl Plan {
    /// The `ClientRequestToken` of the current attempt: the same for everybody who carries out this plan, another for
    /// every other attempt and plan.
    pub fn token(&self, pipeline: &str, view: &str) -> String {
        let named = format!(
            "{pipeline}/{view}/{}/{}/run={}/attempt={}",
            self.start.fingerprint, self.start.generation, self.run, self.attempt
        );
        let digest = Sha256::digest(named.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether the range holds any event at all: one of nothing but rejected records moves the watermark only.
    pub fn has_events(&self) -> bool {
        self.target
            .iter()
            .any(|(shard, point)| point.totals.since(self.start.totals(shard)).events > 0)
    }
}

/// Hours as `2026-11-21T07`, which a person can read.
mod hours {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::layout::Hour;

    pub(super) fn serialize<S: Serializer>(
        hours: &[Hour],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = hours
            .iter()
            .map(|hour| {
                let [year, month, day, hour] = hour.values();
                format!("{year}-{month}-{day}T{hour}")
            })
            .collect();
        texts.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Hour>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let parse = |text: &String| {
            Hour::parse(text).ok_or_else(|| D::Error::custom(format!("no hour: {text}")))
        };
        texts.iter().map(parse).collect()
    }
}
