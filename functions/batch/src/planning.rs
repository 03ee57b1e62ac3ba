//! What a view's next run should be.

use twinlake_lake::state::FORMAT;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::watermark::{Adopted, Run};
use twinlake_lake::statements::Folders;

use crate::proof::Proven;

/// How many runs of a tier are merged into one of the next.
pub const TIER_SIZE: usize = 16;

/// The plan that takes the view from what it has adopted to what is proven; `None` if it is there already.
///
/// `last_run` is the highest run that any earlier plan of the view had.
pub fn next_plan(adopted: &Adopted, proven: &Proven, last_run: u64) -> Option<Plan> {
    let mut target = adopted.watermark.clone();
    let mut spans = Vec::new();
    for (name, shard) in &proven.proof.shards {
        let from = adopted.position(name);
        let Some(point) = shard.proven.as_ref().filter(|point| point.position > from) else {
            continue;
        };
        // A batch that was given up on holds its shard for each view whose watermark it ends after.
        if proven
            .discarded
            .iter()
            .any(|batch| batch.shard == *name && batch.upto > from)
        {
            continue;
        }
        let stretches = shard
            .stretches
            .iter()
            .filter(|stretch| stretch.position > from && stretch.position <= point.position);
        spans.extend(stretches.map(|stretch| (stretch.arrivals, stretch.wide)));
        target.insert(name.clone(), point.clone());
    }
    let folders = Folders::around(spans)?;
    let run = last_run.max(adopted.runs.iter().map(|run| run.run).max().unwrap_or(0)) + 1;
    let plan = Plan {
        format: FORMAT,
        start: adopted.clone(),
        target,
        folders: folders.hours().to_vec(),
        arrivals: folders.arrivals(),
        run,
        absorb: Vec::new(),
        tier: 0,
        attempt: 1,
    };
    if !plan.has_events() {
        return Some(plan);
    }
    let (absorb, tier) = absorb(&adopted.runs);
    Some(Plan {
        absorb,
        tier,
        ..plan
    })
}

/// Which runs a new one takes over, and the tier that it then has: with it, no tier holds [`TIER_SIZE`] runs, so that
/// their number grows with the logarithm of the history and each row is rewritten as seldom.
fn absorb(runs: &[Run]) -> (Vec<u64>, u32) {
    let mut absorbed = Vec::new();
    let mut tier = 0;
    loop {
        let same: Vec<u64> = runs
            .iter()
            .filter(|run| run.tier == tier)
            .map(|run| run.run)
            .collect();
        if same.len() + 1 < TIER_SIZE {
            return (absorbed, tier);
        }
        absorbed.extend(same);
        tier += 1;
    }
}

/// What the view adopts when the plan has been carried out. `has_rows` says whether the run wrote any.
pub fn adopted_after(plan: &Plan, has_rows: bool, now_ms: i64) -> Adopted {
    let kept = plan
        .start
        .runs
        .iter()
        .copied()
        .filter(|run| !plan.absorb.contains(&run.run));
    let new = has_rows.then_some(Run {
        run: plan.run,
        tier: plan.tier,
    });
    Adopted {
        watermark: plan.target.clone(),
        runs: kept.chain(new).collect(),
        switched_ms: now_ms,
        ..plan.start.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use twinlake_lake::ledger::{Arrivals, Totals};
    use twinlake_lake::state::proof::{Proof, ShardProof, Stretch};
    use twinlake_lake::state::watermark::Point;
    use twinlake_pipeline::Position;

    use super::*;
    use crate::proof::discarded::Discarded;

    fn position(number: u64) -> Position {
        Position::parse(&number.to_string()).unwrap()
    }

    fn proven(number: u64, events: u64) -> Proven {
        let position = position(number);
        let totals = Totals {
            events,
            rejected: 1,
            checksum: 5,
        };
        let shard = ShardProof {
            proven: Some(Point {
                position: position.clone(),
                arrival_ms: 9,
                totals,
            }),
            stretches: vec![Stretch {
                position,
                arrivals: Arrivals::at(9),
                wide: false,
            }],
            held: None,
        };
        let proof = Proof {
            shards: BTreeMap::from([("shard".to_owned(), shard)]),
            ..Proof::nothing(10)
        };
        Proven {
            proof,
            discarded: Vec::new(),
        }
    }

    #[test]
    fn sixteen_runs_of_a_tier_become_one() {
        let mut adopted = Adopted::nothing("fingerprint", 1, 0);
        let mut most = 0;
        for number in 1..=5_000 {
            let plan = next_plan(&adopted, &proven(number, number), 0).unwrap();
            assert_eq!(plan.run, number.max(plan.run));
            adopted = adopted_after(&plan, true, 0);
            most = most.max(adopted.runs.len());
        }
        assert!(
            most <= 4 * (TIER_SIZE - 1),
            "{most} runs at most for 5,000 ticks"
        );
        assert!(adopted.runs.iter().any(|run| run.tier == 3));
    }

    #[test]
    fn nothing_to_do_where_the_view_stands_at_the_proof() {
        let adopted = Adopted::nothing("fingerprint", 1, 0);
        let plan = next_plan(&adopted, &proven(1, 1), 4).unwrap();
        assert_eq!(plan.run, 5, "runs never repeat");
        let after = adopted_after(&plan, true, 0);
        assert_eq!(next_plan(&after, &proven(1, 1), 5), None);
    }

    #[test]
    fn a_range_of_rejected_records_moves_the_watermark_without_a_run() {
        let adopted = Adopted::nothing("fingerprint", 1, 0);
        let plan = next_plan(&adopted, &proven(1, 0), 0).unwrap();
        assert!(!plan.has_events());
        assert!(adopted_after(&plan, false, 0).runs.is_empty());
    }

    #[test]
    fn a_discarded_batch_holds_its_shard_for_the_view_that_it_ends_after() {
        let adopted = Adopted::nothing("fingerprint", 1, 0);
        let mut proven = proven(5, 5);
        proven.discarded.push(Discarded {
            shard: "shard".into(),
            upto: position(3),
            object: "key".into(),
        });
        assert_eq!(next_plan(&adopted, &proven, 0), None);
    }
}
