//! Why the watermark of a view stands where it stands on a shard.

use serde::Serialize;
use twinlake_lake::state::audit::{Audit, Held, HeldReason};
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::watermark::Published;
use twinlake_pipeline::SequenceNumber;

use super::reading::{Snapshot, ViewState};
use crate::time::{moment, span};

/// What a view's watermark waits for on a shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Waiting {
    /// Nothing lies after it.
    UpToDate,
    /// Speed has read records of the shard, but only such as arrived before the lake begins.
    BeforeGenesis,
    /// Raw and ledger differ, or a batch was discarded.
    Held {
        /// Why, both counts and the range.
        held: Held,
    },
    /// Athena computes the run that will move it.
    Running {
        /// The run's number.
        run: u64,
        /// Which attempt at it.
        attempt: u32,
    },
    /// Raw is audited beyond it; batch's next tick starts the run.
    Audited,
    /// A cut is old enough; batch has not audited it yet.
    Due {
        /// Since when, in milliseconds since 1970.
        since_ms: i64,
        /// When batch last tried an audit.
        #[serde(skip_serializing_if = "Option::is_none")]
        tried_ms: Option<i64>,
    },
    /// No cut is old enough for Firehose to have delivered what lies before it.
    Settling {
        /// When the first one after the watermark will be, in milliseconds since 1970.
        first_ms: i64,
        /// When the newest one will be.
        newest_ms: i64,
    },
    /// The speed logs and the ledger have not ended together since.
    NoCut,
}

/// What `view`, which has published `published`, waits for on the shard of `checkpoint`.
pub fn waiting(
    snapshot: &Snapshot,
    view: &ViewState,
    published: &Published,
    checkpoint: &ShardCheckpoint,
) -> Waiting {
    let shard = checkpoint.shard.as_str();
    let from = published.sequence_number(shard);
    let audit = snapshot
        .audit
        .as_ref()
        .and_then(|audit| audit.shards.get(shard));
    if let Some(held) = audit.and_then(|audit| audit.held.clone()) {
        return Waiting::Held { held };
    }
    let after = checkpoint.totals.since(published.totals(shard));
    if after.events == 0 && after.rejected == 0 {
        let never_any = checkpoint.cuts.is_empty()
            && checkpoint.since_cut.is_none()
            && from == SequenceNumber::zero();
        return match never_any {
            true => Waiting::BeforeGenesis,
            false => Waiting::UpToDate,
        };
    }
    if let Some(plan) = view.plan.as_ref()
        && plan.start.same_answer(published)
        && plan
            .target
            .get(shard)
            .is_some_and(|point| point.sequence_number > from)
    {
        return Waiting::Running {
            run: plan.run,
            attempt: plan.attempt,
        };
    }
    let audited = audit.map_or_else(SequenceNumber::zero, |audit| audit.sequence_number());
    if audited > from {
        return Waiting::Audited;
    }
    cut_state(snapshot, checkpoint, &from)
}

/// What the cuts after `from`, none of which is audited, say.
fn cut_state(snapshot: &Snapshot, checkpoint: &ShardCheckpoint, from: &SequenceNumber) -> Waiting {
    let settle_ms = snapshot.settling.ms;
    let cuts = || {
        checkpoint
            .cuts
            .iter()
            .filter(|cut| cut.sequence_number > *from)
    };
    let settled = checkpoint
        .newest_settled(snapshot.now_ms, settle_ms)
        .is_some_and(|cut| cut.sequence_number > *from);
    // Arrival times are not in order: a cut is settled once those before it are, too.
    let settles_ms =
        |arrived_ms: Option<i64>| arrived_ms.map(|arrived_ms| arrived_ms.saturating_add(settle_ms));
    let first_ms = settles_ms(cuts().next().map(|cut| cut.arrivals.max_arrival_ms));
    let newest_ms = settles_ms(cuts().map(|cut| cut.arrivals.max_arrival_ms).max());
    match (first_ms, newest_ms) {
        (Some(since_ms), _) if settled => Waiting::Due {
            since_ms,
            tried_ms: snapshot.audit.as_ref().map(|audit: &Audit| audit.tried_ms),
        },
        (Some(first_ms), Some(newest_ms)) => Waiting::Settling {
            first_ms,
            newest_ms,
        },
        _ => Waiting::NoCut,
    }
}

impl Waiting {
    /// In words, at a time in milliseconds since 1970. `schedule` says when batch ticks.
    pub fn describe(&self, now_ms: i64, schedule: &str) -> String {
        match self {
            Self::UpToDate => "up to date".to_owned(),
            Self::BeforeGenesis => {
                "nothing yet: all that was read arrived before the lake begins".to_owned()
            }
            Self::Held { held } => describe_held(held),
            Self::Running { run, attempt: 1 } => format!("run {run} is under way in Athena"),
            Self::Running { run, attempt } => {
                format!("run {run} is under way in Athena, attempt {attempt}")
            }
            Self::Audited => format!("audited; batch's next tick ({schedule}) starts the run"),
            Self::Due { since_ms, tried_ms } => {
                let settled = format!("settled since {}", moment(*since_ms));
                match tried_ms {
                    None => format!("{settled}; batch has not ticked yet ({schedule})"),
                    Some(tried_ms) if tried_ms < since_ms => {
                        format!(
                            "{settled}; batch last ticked {} ({schedule})",
                            moment(*tried_ms)
                        )
                    }
                    Some(tried_ms) => format!(
                        "settled since {}, yet the tick of {} did not audit it: see the log of the function batch",
                        moment(*since_ms),
                        moment(*tried_ms)
                    ),
                }
            }
            Self::Settling {
                first_ms,
                newest_ms,
            } => {
                let first = (first_ms - now_ms).max(0);
                let newest = (newest_ms - now_ms).max(0);
                let first = format!("Firehose has time to deliver: settled in {}", span(first));
                match newest_ms > first_ms {
                    true => format!("{first}, all of it in {}", span(newest)),
                    false => first,
                }
            }
            Self::NoCut => "no cut yet: the speed logs of speed have not ended together".to_owned(),
        }
    }
}

fn describe_held(held: &Held) -> String {
    let reason = match &held.reason {
        HeldReason::Difference => "raw and ledger differ".to_owned(),
        HeldReason::Discarded { object } => format!("speed's mapping gave up on a batch, {object}"),
        HeldReason::Unread => "raw holds rows that speed has not read".to_owned(),
    };
    let counts =
        match (held.ledger.events, held.ledger.rejected) == (held.raw.events, held.raw.rejected) {
            true if held.reason == HeldReason::Difference => {
                let events = held.ledger.events;
                format!("both count {events} events, but of different identities")
            }
            _ => format!(
                "ledger {} events + {} rejected, raw {} + {}",
                held.ledger.events, held.ledger.rejected, held.raw.events, held.raw.rejected
            ),
        };
    format!(
        "HELD since {}: {reason}; {counts}; after {} up to {}",
        moment(held.since_ms),
        held.after,
        held.upto
    )
}
