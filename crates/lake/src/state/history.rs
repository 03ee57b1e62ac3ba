//! A shard's history: the stretches in which raw holds just what the ledger says, and where it holds them.
//!
//! Stretches tile a shard from its beginning and are never forgotten. The recent ones stand in `audit.json`, older ones
//! in immutable pages. Neighbours are merged, so that neither grows with the number of audits:
//!
//! - a stretch whose hours lie within its neighbour's is merged at once, since a run then reads no more folders for it;
//! - of more than [`MAX_RECENT`] recent stretches, and of all that go into a page, neighbours are merged up to
//!   [`MAX_MERGED_EVENTS`] and [`MAX_MERGED_HOURS`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use twinlake_pipeline::SequenceNumber;

use super::{FORMAT, state};
use crate::layout::Hours;
use crate::ledger::Totals;

/// The most recent stretches of a shard that stand in `audit.json` unmerged.
pub const MAX_RECENT: usize = 16;
/// The most events of stretches that are merged, unless one alone has more.
pub const MAX_MERGED_EVENTS: u64 = 5_000_000;
/// The most hours of stretches that are merged, unless one alone has more.
pub const MAX_MERGED_HOURS: i64 = 24;
/// The size in bytes above which a page is split by shard.
const MAX_PAGE_BYTES: usize = 1_000_000;

/// A stretch of a shard's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The sequence number before the stretch.
    pub from: SequenceNumber,
    /// The last sequence number of the stretch: that of a cut.
    pub to: SequenceNumber,
    /// The hours of the folders in which the audit found it.
    #[serde(flatten)]
    pub hours: Hours,
    /// Raw's totals of the stretch.
    #[serde(flatten)]
    pub totals: Totals,
    /// The latest arrival time of its records, in milliseconds since 1970.
    pub max_arrival_ms: i64,
    /// The ledger's totals at its end, since the shard's beginning.
    pub ledger: Totals,
}

impl Stretch {
    /// Both neighbours in one: the hull of the hours, the sum of the totals.
    fn merged(&self, next: &Self) -> Self {
        debug_assert_eq!(self.to, next.from, "neighbours tile a shard");
        Self {
            from: self.from.clone(),
            to: next.to.clone(),
            hours: self.hours.hull(next.hours),
            totals: self.totals.plus(next.totals),
            max_arrival_ms: self.max_arrival_ms.max(next.max_arrival_ms),
            ledger: next.ledger,
        }
    }

    fn merges_with(&self, next: &Self) -> bool {
        let merged = self.merged(next);
        merged.totals.events <= MAX_MERGED_EVENTS && merged.hours.count() <= MAX_MERGED_HOURS
    }
}

/// Appends a stretch to the recent ones of a shard, and merges what can be merged.
pub fn append(recent: &mut Vec<Stretch>, stretch: Stretch) {
    if let Some(last) = recent.last_mut() {
        let merged = last.merged(&stretch);
        let reads_no_more = merged.hours == last.hours || merged.hours == stretch.hours;
        if reads_no_more && last.merges_with(&stretch) {
            *last = merged;
            return;
        }
    }
    recent.push(stretch);
    while recent.len() > MAX_RECENT {
        let oldest = (1..recent.len()).find(|next| recent[next - 1].merges_with(&recent[*next]));
        // If every pair is too large, each stretch is a large one.
        let Some(next) = oldest else { break };
        let removed = recent.remove(next);
        recent[next - 1] = recent[next - 1].merged(&removed);
    }
}

/// `state/<pipeline>/audited/<sha256>.json`: stretches that are older than those in `audit.json`. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The stretches of each shard, in order.
    pub shards: BTreeMap<String, Vec<Stretch>>,
}

state!(Page);

impl Page {
    /// The pages of some stretches, merged with their neighbours: one, or one for each shard if one were too large.
    pub fn of(shards: BTreeMap<String, Vec<Stretch>>) -> Vec<Self> {
        let merged: BTreeMap<_, _> = shards
            .into_iter()
            .map(|(shard, stretches)| (shard, merge(stretches)))
            .collect();
        let whole = Self {
            format: FORMAT,
            shards: merged,
        };
        if whole.bytes().len() <= MAX_PAGE_BYTES {
            return vec![whole];
        }
        let shards = whole.shards.into_iter();
        let page = |(shard, stretches)| Self {
            format: FORMAT,
            shards: BTreeMap::from([(shard, stretches)]),
        };
        shards.map(page).collect()
    }

    /// The hash of the content, which is part of the page's key.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.bytes()))
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a map with text keys and numbers is always JSON")
    }
}

fn merge(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut merged: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match merged.last_mut() {
            Some(last) if last.merges_with(&stretch) => *last = last.merged(&stretch),
            _ => merged.push(stretch),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::layout::HOUR_MS;

    fn stretch(from: usize, to: usize, first: i64, last: i64, events: u64) -> Stretch {
        let number = |number: usize| SequenceNumber::parse(&number.to_string()).unwrap();
        Stretch {
            from: number(from),
            to: number(to),
            hours: Hours::between(first * HOUR_MS, last * HOUR_MS),
            totals: Totals {
                events,
                ..Totals::default()
            },
            max_arrival_ms: last * HOUR_MS,
            ledger: Totals {
                events: to as u64,
                ..Totals::default()
            },
        }
    }

    #[test]
    fn neighbours_of_the_same_hours_are_one() {
        let mut recent = vec![stretch(0, 1, 5, 6, 10)];
        append(&mut recent, stretch(1, 2, 5, 6, 20));
        append(&mut recent, stretch(2, 3, 6, 7, 30));
        assert_eq!(recent.len(), 2);
        assert_eq!(recent[0].totals.events, 30);
        assert_eq!(recent[1].from, recent[0].to);
    }

    proptest! {
        /// Whatever is appended and paged: the stretches tile the shard, each hour in which a part was found lies in the
        /// stretch that covers it, no event is forgotten, and the recent ones stay few.
        #[test]
        fn stretches_tile_the_shard_and_keep_their_hours(
            parts in prop::collection::vec((0_i64..3, 0_i64..30, 0_u64..2_000_000), 1..200),
        ) {
            let mut recent = Vec::new();
            let mut time = 100;
            let appended: Vec<Stretch> = parts.iter().enumerate().map(|(index, (step, width, events))| {
                time += step;
                stretch(index, index + 1, time - width, time, *events)
            }).collect();
            for part in &appended {
                append(&mut recent, part.clone());
            }
            let whole = |hours: Hours| hours.count() > MAX_MERGED_HOURS;
            let large = recent.windows(2).filter(|pair| !pair[0].merges_with(&pair[1])).count();
            prop_assert!(recent.len() <= MAX_RECENT || large == recent.len() - 1 || recent.iter().any(|one| whole(one.hours)));
            let pages = Page::of(BTreeMap::from([("shard".to_owned(), recent.clone())]));
            for kept in [&recent, &pages[0].shards["shard"]] {
                prop_assert_eq!(&kept[0].from, &appended[0].from);
                prop_assert!(kept.windows(2).all(|pair| pair[0].to == pair[1].from));
                prop_assert_eq!(&kept[kept.len() - 1].to, &appended[appended.len() - 1].to);
                let events = |of: &[Stretch]| of.iter().map(|one| one.totals.events).sum::<u64>();
                prop_assert_eq!(events(kept), events(&appended));
                for part in &appended {
                    let holding = kept.iter().find(|one| one.from <= part.from && part.to <= one.to).unwrap();
                    prop_assert_eq!(holding.hours.hull(part.hours), holding.hours);
                }
            }
        }
    }

    #[test]
    fn a_page_is_named_by_its_content() {
        let page = |to| {
            Page::of(BTreeMap::from([(
                "shard".to_owned(),
                vec![stretch(0, to, 1, 1, 1)],
            )]))
        };
        assert_eq!(page(1)[0].sha256(), page(1)[0].sha256());
        assert_ne!(page(1)[0].sha256(), page(2)[0].sha256());
    }
}
