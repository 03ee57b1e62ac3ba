//! The count of identities in raw, in statements of bounded size.

use std::collections::HashMap;

use futures::StreamExt;
use futures::stream;
use twinlake_lake::budget::{Budget, MAX_RANGES, Size, is_exhaustion};
use twinlake_lake::layout::{Hour, Hours};
use twinlake_lake::ledger::Totals;
use twinlake_lake::query::Rows;
use twinlake_lake::statements::{self, Part, Range, Statement};

use super::targets::Target;
use crate::error::{Error, Result};
use crate::tick::{Answer, Tick};

/// The most statements that run at once.
const MAX_AT_ONCE: usize = 4;

/// The rows of a target that raw holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counted {
    /// The totals, each identity counted once.
    pub(super) raw: Totals,
    /// The hours in which the rows that count lie; `None` without any.
    pub(super) hours: Option<Hours>,
}

impl Counted {
    fn plus(self, other: Self) -> Self {
        Self {
            raw: self.raw.plus(other.raw),
            hours: match (self.hours, other.hours) {
                (Some(one), Some(other)) => Some(one.hull(other)),
                (one, other) => one.or(other),
            },
        }
    }
}

/// The outcome of the count of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The target was counted.
    Counted(Counted),
    /// The statement was too large for Athena. The budget is smaller now.
    TooLarge,
    /// Athena failed the statement.
    Failed(String),
}

/// The outcomes of a round of counting.
#[derive(Debug)]
pub(super) struct Counts {
    /// The outcome of each target, by shard. A target without one could not be counted in time.
    pub(super) outcomes: HashMap<String, Outcome>,
    /// The budget after the statements.
    pub(super) budget: Budget,
    /// The errors of services.
    pub(super) errors: Vec<Error>,
}

/// Some targets that one statement counts.
struct Group<'a> {
    targets: Vec<&'a Target>,
    part: Option<Part>,
}

/// Counts raw's totals of each target. Those of shards that differed are counted apart.
pub(super) async fn count(tick: &Tick<'_>, budget: Budget, targets: &[Target]) -> Counts {
    let (apart, others): (Vec<&Target>, Vec<&Target>) =
        targets.iter().partition(|target| target.is_apart);
    let groups = [others, apart]
        .into_iter()
        .flat_map(|targets| groups(targets, budget));
    let asked = groups.map(|group| async move {
        let answer = ask(tick, &group).await;
        (group, answer)
    });
    let mut counts = Counts {
        outcomes: HashMap::new(),
        budget,
        errors: Vec::new(),
    };
    let bounds = &tick.context.settings.bounds;
    let is_least = budget.is_least(bounds);
    let mut sizes = Vec::new();
    let mut parts: HashMap<String, u64> = HashMap::new();
    let mut answers = stream::iter(asked).buffer_unordered(MAX_AT_ONCE);
    while let Some((group, answer)) = answers.next().await {
        let rows: u64 = group.targets.iter().map(|target| target.rows()).sum();
        let rows = rows / group.part.map_or(1, |part| part.of);
        match answer {
            Ok(answer) => {
                sizes.push(match &answer {
                    Answer::Rows(_, execution) | Answer::Failed(_, execution) => {
                        budget.size_of(execution, rows)
                    }
                    Answer::Unended => Size::TooLarge,
                });
                counts.add(&group, answer, is_least, &mut parts);
            }
            Err(error) => counts.errors.push(error),
        }
    }
    counts.budget = budget.after(sizes, bounds);
    // A target is counted once all of its parts are.
    counts.outcomes.retain(|shard, outcome| {
        !matches!(outcome, Outcome::Counted(_)) || parts.get(shard) == Some(&0)
    });
    counts
}

impl Counts {
    fn add(
        &mut self,
        group: &Group<'_>,
        answer: Answer,
        is_least: bool,
        parts: &mut HashMap<String, u64>,
    ) {
        let outcome = match answer {
            Answer::Rows(found, _) => {
                match read(&found, &group.targets) {
                    Ok(counted) => {
                        for (shard, counted) in counted {
                            let left = parts
                                .entry(shard.clone())
                                .or_insert_with(|| group.part.map_or(1, |part| part.of));
                            *left -= 1;
                            let known = self.outcomes.entry(shard);
                            known
                                .and_modify(|outcome| {
                                    if let Outcome::Counted(earlier) = outcome {
                                        *earlier = earlier.plus(counted);
                                    }
                                })
                                .or_insert(Outcome::Counted(counted));
                        }
                    }
                    Err(error) => self.errors.push(error),
                }
                return;
            }
            Answer::Failed(reason, _) if is_exhaustion(&reason) && !is_least => Outcome::TooLarge,
            Answer::Failed(reason, _) => Outcome::Failed(reason),
            Answer::Unended => return,
        };
        for target in &group.targets {
            self.outcomes.insert(target.shard.clone(), outcome.clone());
        }
    }
}

/// The statements that count some targets: each of at most [`MAX_RANGES`] ranges and, together, of the budget. A range that
/// is larger alone is counted in parts.
fn groups(targets: Vec<&Target>, budget: Budget) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut rows = 0_u64;
    for target in targets {
        let own = target.rows();
        let parts = budget.parts(own);
        if parts > 1 {
            let part = |index| Group {
                targets: vec![target],
                part: Some(Part { index, of: parts }),
            };
            // The last group stays the one that further targets join.
            groups.splice(0..0, (0..parts).map(part));
            continue;
        }
        let fits = |group: &&mut Group<'_>| {
            group.part.is_none()
                && group.targets.len() < MAX_RANGES
                && rows.saturating_add(own) <= budget.events()
        };
        match groups.last_mut().filter(fits) {
            Some(group) => {
                group.targets.push(target);
                rows += own;
            }
            None => {
                groups.push(Group {
                    targets: vec![target],
                    part: None,
                });
                rows = own;
            }
        }
    }
    groups
}

async fn ask(tick: &Tick<'_>, group: &Group<'_>) -> Result<Answer> {
    let range = |target: &&Target| Range {
        shard: target.shard.clone(),
        after: target.after.clone(),
        upto: target.cut.sequence_number.clone(),
        hours: target.hours(),
    };
    let statement = Statement::Audit(statements::Audit {
        ranges: group.targets.iter().map(range).collect(),
        part: group.part,
        membership: tick.membership.clone(),
    });
    let hours = group.targets.iter().map(|target| target.hours());
    tick.ask(&statement, hours).await
}

/// The totals of each target. A shard without rows has no row.
fn read(rows: &Rows, targets: &[&Target]) -> Result<HashMap<String, Counted>> {
    let nothing = targets
        .iter()
        .map(|target| (target.shard.clone(), Counted::default()));
    let mut counted: HashMap<String, Counted> = nothing.collect();
    for row in rows {
        let (shard, found) =
            counted_of(row).ok_or_else(|| Error::unexpected_row("the audit", row))?;
        counted.insert(shard, found);
    }
    Ok(counted)
}

fn counted_of(row: &[Option<String>]) -> Option<(String, Counted)> {
    let [
        Some(shard),
        Some(events),
        Some(rejected),
        Some(dropped),
        Some(checksum),
        Some(first),
        Some(last),
    ] = row
    else {
        return None;
    };
    let raw = Totals {
        events: events.parse().ok()?,
        rejected: rejected.parse().ok()?,
        dropped: dropped.parse().ok()?,
        // The ledger keeps the sum modulo 2^64.
        checksum: checksum.parse::<u128>().ok()? as u64,
    };
    let hours = Hours {
        first: Hour::from_digits(first)?,
        last: Hour::from_digits(last)?,
    };
    let counted = Counted {
        raw,
        hours: Some(hours),
    };
    Some((shard.clone(), counted))
}
