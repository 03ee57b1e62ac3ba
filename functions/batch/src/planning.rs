//! The plan of a view's next runs: the next stretches of each shard, within the budget.

use twinlake_lake::budget::{Budget, MAX_RANGES};
use twinlake_lake::state::history::Stretch;
use twinlake_lake::state::view::{Plan, ViewDocument};
use twinlake_lake::state::watermark::{Point, Published, Run};
use twinlake_lake::statements::Range;

use crate::error::{Error, Result};
use crate::stretches::Stretches;

/// The number of runs of a tier that are merged into one of the next tier.
pub const TIER_SIZE: usize = 16;

/// The plan that takes the view's watermark over the next stretches; `None` if it has passed them all.
///
/// The shards take turns, so that none waits for another's history. A plan ends before the stretch that would exceed the
/// budget or [`MAX_RANGES`]. A stretch that exceeds the budget alone is planned alone, in parts.
///
/// # Errors
/// [`Error::Unexpected`] if a stretch does not begin at the watermark: the history and the view's document are not of one
/// lake.
pub fn next_plan(document: &ViewDocument, stretches: &Stretches) -> Result<Option<Plan>> {
    let state = &document.state;
    let mut shards: Vec<(&str, Vec<&Stretch>)> = Vec::new();
    for (shard, stretches) in stretches {
        let from = state.sequence_number(shard);
        let ahead: Vec<_> = stretches.iter().filter(|one| one.to > from).collect();
        if let Some(first) = ahead.first().filter(|first| first.from > from) {
            return Err(Error::Unexpected {
                subject: format!("the history of {shard}"),
                detail: format!("it goes on after {}, the view ends at {from}", first.from),
            });
        }
        shards.push((shard, ahead));
    }
    let mut plan = Plan {
        ranges: Vec::new(),
        target: state.watermark.clone(),
        runs: Vec::new(),
        compact: Vec::new(),
        tier: 0,
        events: 0,
    };
    let rounds = shards.iter().map(|(_, ahead)| ahead.len()).max();
    'rounds: for round in 0..rounds.unwrap_or(0) {
        for (shard, ahead) in &shards {
            let Some(stretch) = ahead.get(round) else {
                continue;
            };
            let events = events_ahead(&plan, shard, stretch);
            let fits = plan.ranges.len() < MAX_RANGES
                && plan.events.saturating_add(events) <= document.budget.events();
            if !plan.ranges.is_empty() && events > 0 && !fits {
                break 'rounds;
            }
            add(&mut plan, shard, stretch, events);
        }
    }
    if plan.target == state.watermark {
        return Ok(None);
    }
    if !plan.ranges.is_empty() {
        let parts = document.budget.parts(plan.events);
        plan.runs = (document.next_run..document.next_run + parts).collect();
        if parts == 1 {
            compact(&mut plan, state, document.budget);
        }
    }
    Ok(Some(plan))
}

/// The number of events of a stretch that lie after the plan's target. Of a stretch that was merged after the watermark had
/// come into it, they are only a part.
fn events_ahead(plan: &Plan, shard: &str, stretch: &Stretch) -> u64 {
    let totals = plan.target.get(shard).map(|point| point.totals);
    let ahead = stretch.ledger.since(totals.unwrap_or_default());
    ahead.events.min(stretch.totals.events)
}

fn add(plan: &mut Plan, shard: &str, stretch: &Stretch, events: u64) {
    let next = Point {
        sequence_number: stretch.to.clone(),
        arrival_ms: stretch.max_arrival_ms,
        totals: stretch.ledger,
    };
    let reached = plan.target.insert(shard.to_owned(), next);
    // A stretch of rejected or dropped records alone moves the watermark without being read.
    if events > 0 {
        let reached = reached.map_or_else(|| stretch.from.clone(), |point| point.sequence_number);
        plan.ranges.push(Range {
            shard: shard.to_owned(),
            after: reached,
            upto: stretch.to.clone(),
            hours: stretch.hours,
        });
        plan.events += events;
    }
}

/// Lets the plan's run compact earlier ones. No tier ever holds [`TIER_SIZE`] runs, so that the number of runs grows with
/// the logarithm of the history, and each row is rewritten as seldom. A compaction that exceeds the budget is left out.
fn compact(plan: &mut Plan, state: &Published, budget: Budget) {
    loop {
        let same: Vec<&Run> = state
            .runs
            .iter()
            .filter(|run| run.tier == plan.tier)
            .take(TIER_SIZE - 1)
            .collect();
        let events = same.iter().map(|run| run.events).sum::<u64>();
        let fits = plan.events.saturating_add(events) <= budget.events();
        if same.len() + 1 < TIER_SIZE || !fits {
            return;
        }
        plan.compact.extend(same.iter().map(|run| run.run));
        plan.events += events;
        plan.tier += 1;
    }
}

#[cfg(test)]
mod tests {
    use twinlake_lake::layout::Hours;
    use twinlake_lake::ledger::Totals;
    use twinlake_pipeline::SequenceNumber;

    use super::*;

    fn sequence_number(number: u64) -> SequenceNumber {
        SequenceNumber::parse(&number.to_string()).unwrap()
    }

    fn totals(events: u64) -> Totals {
        Totals {
            events,
            ..Totals::default()
        }
    }

    /// A stretch whose records are the events `from + 1` to `to`.
    fn stretch(from: u64, to: u64) -> Stretch {
        Stretch {
            from: sequence_number(from),
            to: sequence_number(to),
            hours: Hours::between(0, 0),
            totals: totals(to - from),
            max_arrival_ms: 9,
            ledger: totals(to),
        }
    }

    fn history(stretches: Vec<Stretch>) -> Stretches {
        Stretches::from([("shard".to_owned(), stretches)])
    }

    fn document() -> ViewDocument {
        ViewDocument::new("id".to_owned(), Published::nothing("fingerprint", 1, 0))
    }

    fn with_budget(events: u64) -> ViewDocument {
        ViewDocument {
            budget: serde_json::from_value(events.into()).unwrap(),
            ..document()
        }
    }

    fn take_all(document: &mut ViewDocument, stretches: &Stretches) -> usize {
        let mut plans = 0;
        while let Some(plan) = next_plan(document, stretches).unwrap() {
            let runs = plan.runs.clone();
            document.plan(plan);
            document.take_in(&runs, 0);
            plans += 1;
        }
        plans
    }

    #[test]
    fn sixteen_runs_of_a_tier_become_one() {
        let mut document = document();
        let mut most = 0;
        for number in 1..=5_000 {
            take_all(&mut document, &history(vec![stretch(number - 1, number)]));
            most = most.max(document.state.runs.len());
        }
        assert!(
            most <= 4 * (TIER_SIZE - 1),
            "{most} runs at most for 5,000 ticks"
        );
        assert!(document.state.runs.iter().any(|run| run.tier == 3));
        let events = document.state.runs.iter().map(|run| run.events);
        assert_eq!(events.sum::<u64>(), 5_000);
    }

    #[test]
    fn a_compaction_that_is_too_large_is_left_out_and_holds_nothing_back() {
        let mut document = with_budget(100);
        let all: Vec<_> = (0..400)
            .map(|number| stretch(number * 10, number * 10 + 10))
            .collect();
        for one in all {
            take_all(&mut document, &history(vec![one]));
        }
        assert_eq!(document.state.totals("shard").events, 4_000);
        assert!(document.state.runs.iter().all(|run| run.events <= 100));
    }

    #[test]
    fn nothing_to_do_where_the_view_stands_at_the_audit() {
        let mut document = document();
        let stretches = history(vec![stretch(0, 5), stretch(5, 7)]);
        assert_eq!(take_all(&mut document, &stretches), 1);
        assert_eq!(next_plan(&document, &stretches).unwrap(), None);
    }

    #[test]
    fn a_range_of_rejected_records_moves_the_watermark_without_a_run() {
        let rejected = Stretch {
            totals: Totals {
                rejected: 1,
                ..Totals::default()
            },
            ledger: Totals::default(),
            ..stretch(0, 1)
        };
        let plan = next_plan(&document(), &history(vec![rejected]))
            .unwrap()
            .unwrap();
        assert!(plan.runs.is_empty() && plan.ranges.is_empty());
        assert_eq!(plan.target["shard"].sequence_number, sequence_number(1));
    }

    #[test]
    fn a_plan_keeps_to_its_budget_and_shards_take_turns() {
        let mut document = with_budget(25);
        let stretches = Stretches::from([
            ("one".to_owned(), vec![stretch(0, 10), stretch(10, 20)]),
            ("two".to_owned(), vec![stretch(0, 10), stretch(10, 20)]),
        ]);
        let plan = next_plan(&document, &stretches).unwrap().unwrap();
        assert_eq!(plan.ranges.len(), 2);
        assert_eq!(plan.target.len(), 2);
        assert_eq!(take_all(&mut document, &stretches), 2);
    }

    #[test]
    fn a_stretch_above_the_budget_is_planned_alone_in_parts() {
        let mut document = with_budget(25);
        let stretches = history(vec![stretch(0, 60), stretch(60, 61)]);
        let plan = next_plan(&document, &stretches).unwrap().unwrap();
        assert_eq!((plan.ranges.len(), plan.runs), (1, vec![1, 2, 3]));
        assert_eq!(take_all(&mut document, &stretches), 2);
        assert_eq!(document.next_run, 5);
    }

    #[test]
    fn of_a_stretch_that_was_merged_later_only_the_part_ahead_is_read() {
        let mut document = document();
        take_all(&mut document, &history(vec![stretch(0, 5)]));
        let plan = next_plan(&document, &history(vec![stretch(0, 9)]))
            .unwrap()
            .unwrap();
        assert_eq!(plan.ranges[0].after, sequence_number(5));
        assert_eq!(plan.events, 4);
    }

    #[test]
    fn a_history_that_begins_after_the_watermark_is_refused() {
        let error = next_plan(&document(), &history(vec![stretch(3, 9)])).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the history of shard: it goes on after")
        );
    }
}
