//! Histories: lists of steps that a seed makes or a test writes by hand, their play, and their shrinking.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinlake_lake::layout::HOUR_MS;

use crate::athena::Faults;
use crate::delivery::Deaggregation;
use crate::kernel::{CallKind, Fate};
use crate::world::{SETTLE_MS, World, can_fail};

/// A step of a history. A step that cannot be taken, such as the merge of the only shard, does nothing, so that any part
/// of a history is a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The KPL sends events, which arrive up to `late_ms` before the present.
    SendKpl {
        /// The number of events.
        count: usize,
        /// The most by which an arrival time lies before the present, in milliseconds.
        late_ms: i64,
    },
    /// Events are sent as they are, and a record that is no event.
    SendPlain {
        /// The number of events.
        count: usize,
    },
    /// Time passes.
    Pass {
        /// The milliseconds.
        ms: i64,
    },
    /// An open shard is split.
    Split {
        /// The shard, counted modulo the number of open shards.
        shard: usize,
    },
    /// An open shard is merged with the next one.
    Merge {
        /// The shard, counted modulo the number of open shards.
        shard: usize,
    },
    /// The mapping invokes `speed`.
    Deliver {
        /// The shard, counted modulo the number of shards with records left.
        shard: usize,
        /// The most records.
        size: usize,
    },
    /// The delivery stream reads and transforms records.
    ReadDelivery {
        /// The most records of each shard.
        count: usize,
        /// Set if the shards with an odd index are left out.
        even_only: bool,
    },
    /// The delivery stream reads a shard's last records again.
    Rewind {
        /// The shard's index, counted modulo the number of shards.
        shard: usize,
        /// The number of records.
        records: usize,
    },
    /// The delivery stream writes an object of its oldest records.
    WriteDelivery {
        /// The number of records.
        count: usize,
    },
    /// The schedule invokes `partitions`.
    Partitions,
    /// The schedule invokes `batch`.
    Tick,
    /// Invocations go on.
    Run {
        /// The number of calls.
        calls: usize,
        /// The seed of their order.
        seed: u64,
        /// One call in so many has a fate of its own; 0 for none.
        faulty: u32,
    },
    /// An invocation's sandbox dies.
    Crash {
        /// The invocation, counted modulo their number.
        invocation: usize,
        /// The number of records of the first half, if the mapping bisects its batch.
        bisect_at: Option<usize>,
    },
    /// Lambda gives up on an invocation, whose sandbox may wake up later.
    Freeze {
        /// The invocation, counted modulo their number.
        invocation: usize,
        /// As in [`Step::Crash`].
        bisect_at: Option<usize>,
    },
    /// Frozen sandboxes wake up.
    Thaw,
    /// The next queries of Athena take time or fail.
    Athena {
        /// The duration of each query from now on, in milliseconds.
        duration_ms: i64,
        /// The number of queries that fail.
        failing: u32,
    },
}

/// The setting of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The number of shards at the beginning.
    pub shards: u128,
    /// The way in which the delivery stream hands over aggregates.
    pub deaggregation: Deaggregation,
    /// The number of failures after which the mapping discards a batch.
    pub max_failures: u32,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A number of failures that no batch reaches.
pub const NEVER_DISCARDS: u32 = u32::MAX;

impl History {
    /// The history of a seed.
    pub fn of(seed: u64) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let deaggregation = match rng.random_range(0..3) {
            0 => Deaggregation::Indexed,
            1 => Deaggregation::Unnumbered,
            _ => Deaggregation::None,
        };
        let count = rng.random_range(20..80);
        Self {
            shards: rng.random_range(1..4),
            deaggregation,
            max_failures: NEVER_DISCARDS,
            // Half of the histories keep their shards.
            steps: (0..count)
                .map(|_| step(rng))
                .filter(|step| {
                    seed % 2 == 1 || !matches!(step, Step::Split { .. } | Step::Merge { .. })
                })
                .collect(),
        }
    }

    /// Plays the history, then lets everything come to rest, and checks the answers all along.
    ///
    /// # Errors
    /// The first difference, with the step after which it was seen.
    pub async fn play(&self) -> Result<(), String> {
        let mut world = World::deployed(self.shards, self.deaggregation, self.max_failures).await;
        for (index, step) in self.steps.iter().enumerate() {
            take(&mut world, step, index);
            check(&mut world)
                .await
                .map_err(|difference| format!("after step {index}, {step:?}: {difference}"))?;
        }
        rest(&mut world)
            .await
            .map_err(|difference| format!("at rest: {difference}"))
    }

    /// The shortest history of the same kind that still fails, found by leaving out steps, with its difference. `None` if
    /// this one does not fail.
    pub async fn shrink(self) -> Option<(Self, String)> {
        let mut failing = (self.clone(), self.play().await.err()?);
        let mut size = failing.0.steps.len().div_ceil(2);
        loop {
            let mut start = 0;
            while start < failing.0.steps.len() {
                let mut candidate = failing.0.clone();
                let end = candidate.steps.len().min(start + size);
                candidate.steps.drain(start..end);
                match candidate.play().await {
                    Err(difference) => failing = (candidate, difference),
                    Ok(()) => start = end,
                }
            }
            if size == 1 {
                return Some(failing);
            }
            size = size.div_ceil(2);
        }
    }
}

fn step(rng: &mut ChaCha8Rng) -> Step {
    let bisect_at = rng.random_bool(0.5).then(|| rng.random_range(1..4));
    match rng.random_range(0..100) {
        0..14 => Step::SendKpl {
            count: rng.random_range(1..12),
            late_ms: if rng.random_bool(0.2) { HOUR_MS } else { 2_000 },
        },
        14..18 => Step::SendPlain {
            count: rng.random_range(1..4),
        },
        18..26 => Step::Pass {
            ms: match rng.random_range(0..6) {
                0..3 => rng.random_range(1..60_000),
                3..5 => SETTLE_MS,
                _ => HOUR_MS,
            },
        },
        26..28 => Step::Split {
            shard: rng.random_range(0..4),
        },
        28..30 => Step::Merge {
            shard: rng.random_range(0..4),
        },
        30..46 => Step::Deliver {
            shard: rng.random_range(0..4),
            size: rng.random_range(1..6),
        },
        46..54 => Step::ReadDelivery {
            count: rng.random_range(1..8),
            even_only: rng.random_bool(0.3),
        },
        54..56 => Step::Rewind {
            shard: rng.random_range(0..4),
            records: rng.random_range(1..4),
        },
        56..63 => Step::WriteDelivery {
            count: rng.random_range(1..20),
        },
        63..65 => Step::Partitions,
        65..72 => Step::Tick,
        72..92 => Step::Run {
            calls: rng.random_range(1..60),
            seed: rng.random(),
            faulty: if rng.random_bool(0.3) { 12 } else { 0 },
        },
        92..94 => Step::Crash {
            invocation: rng.random_range(0..4),
            bisect_at,
        },
        94..96 => Step::Freeze {
            invocation: rng.random_range(0..4),
            bisect_at,
        },
        96..98 => Step::Thaw,
        _ => Step::Athena {
            duration_ms: rng.random_range(0..120_000),
            failing: rng.random_range(0..2),
        },
    }
}

fn take(world: &mut World, step: &Step, index: usize) {
    // The choices that a step leaves open depend on nothing but its place.
    let rng = &mut ChaCha8Rng::seed_from_u64(index as u64);
    match *step {
        Step::SendKpl { count, late_ms } => world.send_kpl(count, late_ms, rng),
        Step::SendPlain { count } => world.send_plain(count, rng),
        Step::Pass { ms } => world.time.advance_to(world.time.now_ms() + ms),
        Step::Split { shard } => {
            let open = world.stream.open_shards();
            if open.len() < 8 {
                world.stream.split(open[shard % open.len()]);
            }
        }
        Step::Merge { shard } => {
            let open = world.stream.open_shards();
            world.stream.merge(open[shard % open.len()]);
        }
        Step::Deliver { shard, size } => {
            let ready = world.mapping.ready(&world.stream);
            if !ready.is_empty() {
                world.start_speed(ready[shard % ready.len()], size);
            }
        }
        Step::ReadDelivery { count, even_only } => {
            world.read_delivery(count, |shard| !even_only || shard.is_multiple_of(2));
        }
        Step::Rewind { shard, records } => {
            let shards = world.stream.shards().len();
            world.delivery.rewind(shard % shards, records);
        }
        Step::WriteDelivery { count } => world.write_delivery(count),
        Step::Partitions => world.start_partitions(),
        Step::Tick => world.start_tick(),
        Step::Run {
            calls,
            seed,
            faulty,
        } => run(world, calls, seed, faulty),
        Step::Crash {
            invocation,
            bisect_at,
        } => {
            if let Some(invocation) = invocation.checked_rem(world.jobs().len()) {
                world.crash(invocation, bisect_at);
            }
        }
        Step::Freeze {
            invocation,
            bisect_at,
        } => {
            if let Some(invocation) = invocation.checked_rem(world.jobs().len()) {
                world.freeze(invocation, bisect_at);
            }
        }
        Step::Thaw => world.thaw(),
        Step::Athena {
            duration_ms,
            failing,
        } => world.athena.set_faults(Faults {
            duration_ms,
            failing,
        }),
    }
}

fn run(world: &mut World, calls: usize, seed: u64, faulty: u32) {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..calls {
        let waiting = world.calls();
        if waiting.is_empty() {
            return;
        }
        let (invocation, id, call) = &waiting[rng.random_range(0..waiting.len())];
        let is_faulty = faulty > 0 && rng.random_range(0..faulty) == 0 && can_fail(call);
        let fate = match rng.random_range(0..3) {
            _ if !is_faulty => Fate::Answered,
            0 => Fate::Throttled,
            1 => Fate::AnswerLost,
            _ if call.kind == CallKind::Write => Fate::Repeated,
            _ => Fate::Throttled,
        };
        world.release(*invocation, *id, fate);
    }
}

/// Checks the answers of all views.
///
/// # Errors
/// The first difference.
pub async fn check(world: &mut World) -> Result<(), String> {
    for view in world.views().to_vec() {
        if let Some(published) = world.published(&view).await {
            let answer = world.answer(&view, &published).await;
            world.oracle.check(view.name(), &answer)?;
        }
    }
    Ok(())
}

/// Lets everything come to rest without further faults: every record is read, delivered and settled, and ticks follow
/// until nothing is left to do. Then every event is in every view, batch answers them all, and no shard is held.
///
/// # Errors
/// The first difference.
pub async fn rest(world: &mut World) -> Result<(), String> {
    world.thaw();
    world.athena.set_faults(Faults::default());
    world.finish();
    for round in 0..6 {
        while let Some(&shard) = world.mapping.ready(&world.stream).first() {
            world.start_speed(shard, 100);
            world.finish();
        }
        world.read_delivery(usize::MAX, |_| true);
        world.write_delivery(usize::MAX);
        if round > 1 {
            world.time.advance_to(world.time.now_ms() + SETTLE_MS);
        }
        world.start_partitions();
        world.finish();
        world.start_tick();
        world.finish();
        check(world).await?;
    }
    for view in world.views().to_vec() {
        world.oracle.check_complete(view.name())?;
    }
    if world.oracle.discarded > 0 {
        return Ok(());
    }
    match world.reports.last() {
        Some(Ok(report)) if !report.held.is_empty() => {
            Err(format!("a shard is held: {:?}", report.held[0]))
        }
        Some(Ok(report)) if report.views.iter().any(|view| view.lag_ms > 0) => {
            Err(format!("batch lags: {:?}", report.views))
        }
        Some(Ok(_)) => Ok(()),
        other => Err(format!("the last tick failed: {other:?}")),
    }
}
