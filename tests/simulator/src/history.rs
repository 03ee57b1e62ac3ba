//! Histories: lists of steps that a seed makes or a test writes by hand, their play, and their shrinking.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinlake_lake::layout::HOUR_MS;

use crate::athena::{Faults, Strength};
use crate::delivery::Deaggregation;
use crate::kernel::{CallKind, Fate};
use crate::mutation::Mutation;
use crate::sample::Asked;
use crate::setup::SETTLE_MS;
use crate::world::{NEVER_DISCARDS, Setting, World, can_fail};

/// The rounds after which everything has come to rest at the latest, and at the earliest.
const MAX_ROUNDS: usize = 12;
const MIN_ROUNDS: usize = 5;

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
    /// A record is sent that is no event.
    SendBad,
    /// An event is sent that arrives before the lake's genesis.
    SendEarly,
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
    /// The delivery stream buffers a record's rows once more, by another definition than the one that holds.
    AnotherDefinition,
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
        /// The number of runs that leave an object besides.
        orphans: u32,
    },
    /// A person asks each view something that takes up to half an hour.
    Ask,
    /// A person drops a view in the console.
    DropView {
        /// The view's index, counted modulo their number.
        view: usize,
    },
    /// A person replaces a view in the console by one of their own.
    OverwriteView {
        /// As in [`Step::DropView`].
        view: usize,
    },
}

/// A history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The setting.
    pub setting: Setting,
    /// The steps.
    pub steps: Vec<Step>,
}

impl History {
    /// The history of a seed.
    pub fn of(seed: u64) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let deaggregation = match rng.random_range(0..3) {
            0 => Deaggregation::Indexed,
            1 => Deaggregation::Unnumbered,
            _ => Deaggregation::None,
        };
        let setting = Setting {
            shards: rng.random_range(1..4),
            deaggregation,
            // The numbers of what is left are those of the whole only if the delivery stream gives them.
            is_filtering: deaggregation == Deaggregation::Indexed && rng.random_bool(0.5),
            max_failures: match rng.random_bool(0.1) {
                true => rng.random_range(1..4),
                false => NEVER_DISCARDS,
            },
            strength: match rng.random_range(0..6) {
                0 => Strength::Rows(rng.random_range(40..64)),
                1 => Strength::Slow(rng.random_range(8_000..20_000)),
                _ => Strength::Unbounded,
            },
        };
        let count = rng.random_range(20..80);
        let focus = match rng.random_range(0..3) {
            0 => Focus::Speed,
            1 => Focus::Batch,
            _ => Focus::All,
        };
        Self {
            setting,
            // Half of the histories keep their shards.
            steps: (0..count)
                .map(|_| step(focus, rng))
                .filter(|step| {
                    seed % 2 == 1 || !matches!(step, Step::Split { .. } | Step::Merge { .. })
                })
                .collect(),
        }
    }

    /// Plays the history, then lets everything come to rest, and checks the answers all along. The functions do wrong what
    /// `mutation` says.
    ///
    /// # Errors
    /// The first difference, with the step after which it was seen.
    pub async fn play(&self, mutation: Option<Mutation>) -> Result<(), String> {
        let mut world = World::deployed(self.setting, mutation).await;
        for (index, step) in self.steps.iter().enumerate() {
            take(&mut world, step, index).await;
            world
                .check()
                .await
                .map_err(|difference| format!("after step {index}, {step:?}: {difference}"))?;
            world.aws.catch_up();
        }
        rest(&mut world)
            .await
            .map_err(|difference| format!("at rest: {difference}"))
    }

    /// Plays the history and returns the statements that were asked, and the text of each view at rest.
    ///
    /// # Errors
    /// As [`History::play`].
    pub async fn sample(&self) -> Result<Vec<Asked>, String> {
        let mut world = World::deployed(self.setting, None).await;
        world.aws.athena.begin_sample();
        for (index, step) in self.steps.iter().enumerate() {
            take(&mut world, step, index).await;
        }
        rest(&mut world).await?;
        let mut sample = world.aws.athena.take_sample();
        for view in world.views() {
            if let Some(published) = world.published(view).await {
                let asked = world.aws.athena.data().asked_view(view, &published).await;
                sample.push(asked.map_err(|error| error.to_string())?);
            }
        }
        Ok(sample)
    }

    /// The shortest history of the same kind that still fails, found by leaving out steps, with its difference. `None` if
    /// this one does not fail.
    pub async fn shrink(self, mutation: Option<Mutation>) -> Option<(Self, String)> {
        let mut failing = (self.clone(), self.play(mutation).await.err()?);
        let mut size = failing.0.steps.len().div_ceil(2);
        loop {
            let mut start = 0;
            while start < failing.0.steps.len() {
                let mut candidate = failing.0.clone();
                let end = candidate.steps.len().min(start + size);
                candidate.steps.drain(start..end);
                match candidate.play(mutation).await {
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

/// The steps that a history has more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    All,
    /// Invocations of `speed` that compete, die and wake up.
    Speed,
    /// Ticks that compete, and queries that fail.
    Batch,
}

fn step(focus: Focus, rng: &mut ChaCha8Rng) -> Step {
    let bisect_at = rng.random_bool(0.5).then(|| rng.random_range(1..4));
    let is_focused = rng.random_bool(0.4);
    let kind = match focus {
        Focus::Speed if is_focused => rng.random_range(72..114) % 98,
        Focus::Batch if is_focused => rng.random_range(63..102),
        _ => rng.random_range(0..106),
    };
    match kind {
        0..14 => Step::SendKpl {
            count: rng.random_range(1..12),
            late_ms: if rng.random_bool(0.2) { HOUR_MS } else { 2_000 },
        },
        14..17 => Step::SendPlain {
            count: rng.random_range(1..4),
        },
        17 => Step::SendBad,
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
        98..100 => Step::Athena {
            duration_ms: if rng.random_bool(0.5) { 0 } else { 400_000 },
            failing: rng.random_range(0..3),
            orphans: rng.random_range(0..2),
        },
        100..102 => Step::Ask,
        102 => Step::DropView {
            view: rng.random_range(0..2),
        },
        103 => Step::OverwriteView {
            view: rng.random_range(0..2),
        },
        104 => Step::SendEarly,
        _ => Step::AnotherDefinition,
    }
}

async fn take(world: &mut World, step: &Step, index: usize) {
    // A step's own randomness depends on nothing but its place.
    let rng = &mut ChaCha8Rng::seed_from_u64(index as u64);
    match *step {
        Step::SendKpl { count, late_ms } => world.send_kpl(count, late_ms, rng),
        Step::SendPlain { count } => world.send_plain(count, rng),
        Step::SendBad => world.send_plain(0, rng),
        Step::SendEarly => {
            let open = world.stream.open_shards();
            world.send_early(open[index % open.len()]);
        }
        Step::Pass { ms } => world.pass(ms),
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
        Step::AnotherDefinition => world.delivery.forge(|row| {
            row["_definition"] = "another".into();
            row["id"] = "of another definition".into();
        }),
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
            orphans,
        } => world.aws.athena.set_faults(Faults {
            duration_ms,
            failing,
            orphans,
            ..Faults::default()
        }),
        Step::Ask => world.start_queries().await,
        Step::DropView { view } => {
            let views = world.views();
            let name = views[view % views.len()].name().to_owned();
            world.aws.tables.drop_table(&name);
        }
        Step::OverwriteView { view } => {
            let views = world.views();
            let name = views[view % views.len()].name().to_owned();
            world.overwrite_view(&name).await;
        }
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

/// Lets everything come to rest without further faults: every record is read, delivered and settled, and ticks follow
/// until nothing is left to do. Then every event is in every view, batch answers them all, and no shard is held but one
/// with a discarded batch.
///
/// # Errors
/// The first difference.
pub async fn rest(world: &mut World) -> Result<(), String> {
    world.thaw();
    world.aws.athena.set_faults(Faults::default());
    world.finish();
    for round in 0..MAX_ROUNDS {
        world.read_stream();
        world.aws.catch_up();
        world.deliver();
        if round > 1 {
            world.pass(SETTLE_MS);
        }
        world.tick();
        world.check().await?;
        if round >= MIN_ROUNDS && at_rest(world).is_ok() {
            break;
        }
    }
    for view in world.views().to_vec() {
        world.oracle.check_complete(view.name())?;
    }
    at_rest(world)
}

/// Checks that the last tick has left nothing to do.
fn at_rest(world: &World) -> Result<(), String> {
    let report = match world.reports.last() {
        Some(Ok(report)) => report,
        other => return Err(format!("the last tick failed: {other:?}")),
    };
    let held = report.held.iter();
    if let Some(held) = held
        .clone()
        .find(|held| !world.discarding.contains(&held.shard))
    {
        return Err(format!("a shard is held: {held:?}"));
    }
    // The report names the shard that a discarded batch holds back.
    let is_explained = !report.held.is_empty();
    match report.views.iter().find(|view| view.lag_ms > 0) {
        Some(view) if !is_explained => Err(format!("batch lags: {view:?}")),
        _ => Ok(()),
    }
}
