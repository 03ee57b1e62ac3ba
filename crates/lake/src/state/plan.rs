//! The plan of a view's next run. It is written before Athena is asked, so that whoever finds it does the same.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::state;
use super::watermark::{Published, Watermark};
use crate::layout::Hour;
use crate::ledger::Arrivals;

/// `state/<pipeline>/plans/<view>.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Always [`super::FORMAT`].
    pub format: u32,
    /// The state of the view when the plan was made. A plan whose start is not the view's state is dead.
    pub start: Published,
    /// The watermark after the run.
    pub target: Watermark,
    /// The hours of the raw folders to read, in order.
    #[serde(with = "hours")]
    pub folders: Vec<Hour>,
    /// The arrival times of the records of the range.
    #[serde(flatten)]
    pub arrivals: Arrivals,
    /// The number of the run, the value of the partition key `run`. Each plan of a view has a higher one.
    pub run: u64,
    /// The numbers of the runs that it compacts.
    pub compact: Vec<u64>,
    /// The tier of the new run.
    pub tier: u32,
    /// The number of the attempt, counted from 1.
    pub attempt: u32,
}

state!(Plan);

impl Plan {
    /// The `ClientRequestToken` of the current attempt: one token for everybody who carries out this plan, another one for
    /// every other attempt and plan.
    pub fn token(&self, pipeline: &str, view: &str) -> String {
        let named = format!(
            "{pipeline}/{view}/{}/{}/run={}/attempt={}",
            self.start.fingerprint, self.start.generation, self.run, self.attempt
        );
        hex::encode(Sha256::digest(named.as_bytes()))
    }

    /// Reports whether the range holds any event. A range of rejected records alone moves the watermark without a run.
    pub fn has_events(&self) -> bool {
        self.target
            .iter()
            .any(|(shard, point)| point.totals.since(self.start.totals(shard)).events > 0)
    }
}

/// Hours in the form `2026-11-21T07`, for people.
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
