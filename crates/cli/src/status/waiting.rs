//! The reasons why the watermark of a view stands where it does on a shard.

use serde::Serialize;
use twinlake_lake::state::audit::{Audit, Held, HeldReason};
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::watermark::Published;
use twinlake_pipeline::SequenceNumber;

use crate::status::reading::{Snapshot, ViewState};
use crate::time::{moment, span};

/// The digits of a sequence number that people are shown: within a shard the first ones hardly change.
const SHOWN_DIGITS: usize = 12;

/// The reason why a view's watermark stands where it does on a shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Waiting {
    /// No record lies after the watermark.
    UpToDate,
    /// Speed has read records of the shard, but all of them arrived before the lake begins.
    BeforeGenesis,
    /// Raw and ledger differ, or a batch was discarded.
    Held {
        /// The reason, both counts and the range.
        held: Held,
    },
    /// Athena computes the run that will move the watermark.
    Running {
        /// The number of the run, or of the first of several.
        run: u64,
    },
    /// Raw is audited beyond the watermark. The next tick of batch starts the run.
    Audited,
    /// A cut is settled, and batch has not audited it yet.
    Due {
        /// The time since which it is settled, in milliseconds since 1970.
        since_ms: i64,
        /// The time of batch's last audit.
        #[serde(skip_serializing_if = "Option::is_none")]
        tried_ms: Option<i64>,
    },
    /// No cut after the watermark is settled, so Firehose may still deliver records before it.
    Settling {
        /// The time at which the first cut settles, in milliseconds since 1970.
        first_ms: i64,
        /// The time at which the newest cut settles.
        newest_ms: i64,
    },
    /// The speed logs and the ledger have not ended together after the watermark.
    NoCut,
}

/// The reason why the watermark of `view`, which is part of `published`, stands where it does on a checkpoint's shard.
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
    let document = view.document.as_ref();
    if let Some(plan) = document.and_then(|document| document.plan.as_ref())
        && let Some(run) = plan.runs.first()
        && plan
            .target
            .get(shard)
            .is_some_and(|point| point.sequence_number > from)
    {
        return Waiting::Running { run: *run };
    }
    if audit.is_some_and(|audit| audit.end > from) {
        return Waiting::Audited;
    }
    cut_state(snapshot, checkpoint, &from)
}

/// The reason given by the cuts after `from`, none of which is audited.
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
    // Arrival times are not in order: a cut is settled only once all cuts before it are.
    let first_ms = cuts().next().map(|cut| cut.settles_ms(settle_ms));
    let newest_ms = cuts().map(|cut| cut.settles_ms(settle_ms)).max();
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
    /// Reports whether the watermark lags: a cut was settled when batch last audited, and still is not audited.
    pub fn is_overdue(&self) -> bool {
        matches!(self, Self::Due { since_ms, tried_ms: Some(tried_ms) } if tried_ms >= since_ms)
    }

    /// The reason in words, as of a time in milliseconds since 1970. `schedule` is that of batch's ticks.
    pub fn describe(&self, now_ms: i64, schedule: &str) -> String {
        match self {
            Self::UpToDate => "up to date".to_owned(),
            Self::BeforeGenesis => {
                "nothing yet: all records that were read arrived before the lake begins".to_owned()
            }
            Self::Held { held } => {
                let since = moment(held.since_ms);
                let object = match &held.reason {
                    HeldReason::Discarded { object } => format!(", {object}"),
                    HeldReason::Uncounted { reason } => format!(", {reason}"),
                    HeldReason::Difference | HeldReason::Unread => String::new(),
                };
                format!(
                    "HELD since {since}: {}{object}; {}; {}",
                    held_reason(held),
                    held_counts(held),
                    held_range(held)
                )
            }
            Self::Running { run } => format!("run {run} is under way in Athena"),
            Self::Audited => format!("audited; batch's next tick ({schedule}) starts the run"),
            Self::Due { since_ms, tried_ms } => {
                let settled = format!("settled since {}", moment(*since_ms));
                match tried_ms {
                    None => format!("{settled}; batch has not ticked yet ({schedule})"),
                    Some(tried_ms) if tried_ms < since_ms => {
                        let ticked = moment(*tried_ms);
                        format!("{settled}; batch last ticked {ticked} ({schedule})")
                    }
                    Some(tried_ms) => {
                        let ticked = moment(*tried_ms);
                        format!("{settled}, yet the tick of {ticked} did not audit it")
                    }
                }
            }
            Self::Settling {
                first_ms,
                newest_ms,
            } => {
                let first = span((first_ms - now_ms).max(0));
                let newest = span((newest_ms - now_ms).max(0));
                let first = format!("Firehose has time to deliver: settled in {first}");
                match newest_ms > first_ms {
                    true => format!("{first}, all of it in {newest}"),
                    false => first,
                }
            }
            Self::NoCut => "no cut yet: the speed logs have not ended together".to_owned(),
        }
    }

    /// The advice to an operator, where one must act.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Held { held } => Some(match held.reason {
                HeldReason::Difference => {
                    "raw and ledger differ: each tick counts again; if it stays, see the logs of preprocess and \
                     Firehose, and failed/"
                }
                HeldReason::Discarded { .. } => {
                    "a batch was discarded: the log of the function speed has the error; --verbose names the object"
                }
                HeldReason::Uncounted { .. } => {
                    "Athena failed the count of the shard: --verbose shows the reason"
                }
                HeldReason::Unread => {
                    "speed has not read rows of raw: see that its event source mapping is enabled and keeps up"
                }
            }),
            Self::NoCut => Some("no cut: see the log of the function speed"),
            _ if self.is_overdue() => Some("not audited: see the log of the function batch"),
            _ => None,
        }
    }
}

/// The reason why a shard is held, without the object of a discarded batch.
pub(super) fn held_reason(held: &Held) -> &'static str {
    match &held.reason {
        HeldReason::Difference => "raw and ledger differ",
        HeldReason::Discarded { .. } => "a batch was discarded",
        HeldReason::Unread => "raw holds rows that speed has not read",
        HeldReason::Uncounted { .. } => "raw could not be counted",
    }
}

/// Both counts of the range that holds a shard.
pub(super) fn held_counts(held: &Held) -> String {
    let (ledger, raw) = (held.ledger, held.raw);
    let is_equal = (ledger.events, ledger.rejected) == (raw.events, raw.rejected);
    match is_equal && held.reason == HeldReason::Difference {
        true => format!(
            "both count {} events + {} rejected, but of different identities",
            ledger.events, ledger.rejected
        ),
        false => format!(
            "ledger {} events + {} rejected, raw {} + {}",
            ledger.events, ledger.rejected, raw.events, raw.rejected
        ),
    }
}

/// The range that holds a shard.
pub(super) fn held_range(held: &Held) -> String {
    format!("after {} up to {}", short(&held.after), short(&held.upto))
}

/// The last digits of a sequence number, by which the sequence numbers of a shard differ.
pub(super) fn short(sequence_number: &SequenceNumber) -> String {
    let digits = sequence_number.as_str();
    format!("…{}", &digits[digits.len() - SHOWN_DIGITS..])
}
