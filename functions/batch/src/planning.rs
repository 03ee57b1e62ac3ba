//! The plan of a view's next run.

use twinlake_lake::state::FORMAT;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::watermark::{Published, Run};
use twinlake_lake::statements::Folders;

use crate::audit::Audited;

/// The number of runs of a tier that are merged into one of the next tier.
pub const TIER_SIZE: usize = 16;

/// The plan that takes the view from its published state to the audited one; `None` if the view is there already.
///
/// `last_run` is the highest run number of any earlier plan of the view.
pub fn next_plan(published: &Published, audited: &Audited, last_run: u64) -> Option<Plan> {
    let mut target = published.watermark.clone();
    let mut spans = Vec::new();
    for (name, shard) in &audited.audit.shards {
        let from = published.sequence_number(name);
        let Some(point) = shard
            .audited
            .as_ref()
            .filter(|point| point.sequence_number > from)
        else {
            continue;
        };
        // A discarded batch holds its shard for each view whose watermark it ends after.
        if audited
            .discarded
            .iter()
            .any(|batch| batch.shard == *name && batch.upto > from)
        {
            continue;
        }
        let stretches = shard.stretches.iter().filter(|stretch| {
            stretch.sequence_number > from && stretch.sequence_number <= point.sequence_number
        });
        spans.extend(stretches.map(|stretch| (stretch.arrivals, stretch.lookback)));
        target.insert(name.clone(), point.clone());
    }
    let folders = Folders::around(spans)?;
    let run = last_run.max(published.runs.iter().map(|run| run.run).max().unwrap_or(0)) + 1;
    let plan = Plan {
        format: FORMAT,
        start: published.clone(),
        target,
        folders: folders.hours().to_vec(),
        arrivals: folders.arrivals(),
        run,
        compact: Vec::new(),
        tier: 0,
        attempt: 1,
    };
    if !plan.has_events() {
        return Some(plan);
    }
    let (compact, tier) = compact(&published.runs);
    Some(Plan {
        compact,
        tier,
        ..plan
    })
}

/// The runs that a new one compacts, and the tier that it then has. No tier ever holds [`TIER_SIZE`] runs, so that the
/// number of runs grows with the logarithm of the history, and each row is rewritten as seldom.
fn compact(runs: &[Run]) -> (Vec<u64>, u32) {
    let mut compacted = Vec::new();
    let mut tier = 0;
    loop {
        let same: Vec<u64> = runs
            .iter()
            .filter(|run| run.tier == tier)
            .map(|run| run.run)
            .collect();
        if same.len() + 1 < TIER_SIZE {
            return (compacted, tier);
        }
        compacted.extend(same);
        tier += 1;
    }
}

/// The state that is published after the plan's execution. `has_rows` says whether the run wrote any.
pub fn published_after(plan: &Plan, has_rows: bool, now_ms: i64) -> Published {
    let kept = plan
        .start
        .runs
        .iter()
        .copied()
        .filter(|run| !plan.compact.contains(&run.run));
    let new = has_rows.then_some(Run {
        run: plan.run,
        tier: plan.tier,
    });
    Published {
        watermark: plan.target.clone(),
        runs: kept.chain(new).collect(),
        published_ms: now_ms,
        ..plan.start.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use twinlake_lake::ledger::{Arrivals, Totals};
    use twinlake_lake::state::audit::{Audit, ShardAudit, Stretch};
    use twinlake_lake::state::watermark::Point;
    use twinlake_pipeline::SequenceNumber;

    use super::*;
    use crate::audit::discarded::Discarded;

    fn sequence_number(number: u64) -> SequenceNumber {
        SequenceNumber::parse(&number.to_string()).unwrap()
    }

    fn audited(number: u64, events: u64) -> Audited {
        let sequence_number = sequence_number(number);
        let totals = Totals {
            events,
            rejected: 1,
            checksum: 5,
        };
        let shard = ShardAudit {
            audited: Some(Point {
                sequence_number: sequence_number.clone(),
                arrival_ms: 9,
                totals,
            }),
            stretches: vec![Stretch {
                sequence_number,
                arrivals: Arrivals::at(9),
                lookback: false,
            }],
            held: None,
        };
        let audit = Audit {
            shards: BTreeMap::from([("shard".to_owned(), shard)]),
            ..Audit::nothing(10)
        };
        Audited {
            audit,
            discarded: Vec::new(),
        }
    }

    #[test]
    fn sixteen_runs_of_a_tier_become_one() {
        let mut published = Published::nothing("fingerprint", 1, 0);
        let mut most = 0;
        for number in 1..=5_000 {
            let plan = next_plan(&published, &audited(number, number), 0).unwrap();
            assert_eq!(plan.run, number.max(plan.run));
            published = published_after(&plan, true, 0);
            most = most.max(published.runs.len());
        }
        assert!(
            most <= 4 * (TIER_SIZE - 1),
            "{most} runs at most for 5,000 ticks"
        );
        assert!(published.runs.iter().any(|run| run.tier == 3));
    }

    #[test]
    fn nothing_to_do_where_the_view_stands_at_the_audit() {
        let published = Published::nothing("fingerprint", 1, 0);
        let plan = next_plan(&published, &audited(1, 1), 4).unwrap();
        assert_eq!(plan.run, 5, "runs never repeat");
        let after = published_after(&plan, true, 0);
        assert_eq!(next_plan(&after, &audited(1, 1), 5), None);
    }

    #[test]
    fn a_range_of_rejected_records_moves_the_watermark_without_a_run() {
        let published = Published::nothing("fingerprint", 1, 0);
        let plan = next_plan(&published, &audited(1, 0), 0).unwrap();
        assert!(!plan.has_events());
        assert!(published_after(&plan, false, 0).runs.is_empty());
    }

    #[test]
    fn a_discarded_batch_holds_its_shard_for_the_view_that_it_ends_after() {
        let published = Published::nothing("fingerprint", 1, 0);
        let mut audited = audited(5, 5);
        audited.discarded.push(Discarded {
            shard: "shard".into(),
            upto: sequence_number(3),
            object: "key".into(),
        });
        assert_eq!(next_plan(&published, &audited, 0), None);
    }
}
