//! Histories made by hand: what random ones come to too seldom.
//!
//! Each is played against the functions as they are, and against those that do something wrong.

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use twinlake_lake::layout::HOUR_MS;

use crate::athena::{Faults, Strength};
use crate::history::rest;
use crate::mutation::Mutation;
use crate::setup::SETTLE_MS;
use crate::stream::hash_key;
use crate::world::{Setting, World};

/// The outcome of a history: the first difference, if there is one.
pub type Played = Result<(), String>;

/// A history with its name.
#[derive(Clone, Copy)]
pub struct Handmade {
    /// The name.
    pub name: &'static str,
    play: fn(Option<Mutation>) -> LocalBoxFuture<'static, Played>,
}

impl Handmade {
    /// Plays the history with functions that do wrong what `mutation` says.
    pub fn play(self, mutation: Option<Mutation>) -> LocalBoxFuture<'static, Played> {
        (self.play)(mutation)
    }
}

macro_rules! handmade {
    ($($name:ident,)+) => {
        /// All histories made by hand.
        pub const HANDMADE: &[Handmade] = &[
            $(Handmade {
                name: stringify!($name),
                play: |mutation| $name(mutation).boxed_local(),
            },)+
        ];
    };
}

handmade! {
    found_through_another_shards_folders,
    verdict_in_another_hour,
    stretches_of_different_hours,
    a_lost_row_holds_its_shard_only,
    another_set_of_the_same_size,
    athena_refuses_large_statements,
    athena_is_slow,
    a_tick_sleeps_through_another,
    an_attempt_fails,
    a_publish_meets_another,
    a_view_is_dropped,
    a_view_is_overwritten,
    a_missing_view_holds_back_no_other,
    a_query_reads_an_old_text,
    a_run_is_planned_while_another_tick_deletes,
    a_batch_is_discarded_while_raw_is_counted,
    a_commit_is_lost_to_a_shorter_batch,
    an_invocation_wakes_up_at_its_commit,
    a_segment_without_rows_is_contended,
    speed_dies_before_its_verdicts,
    runs_are_compacted,
    a_view_lags_for_days,
}

async fn lake(shards: u128, mutation: Option<Mutation>) -> World {
    let setting = Setting {
        shards,
        ..Setting::default()
    };
    World::deployed(setting, mutation).await
}

/// Everything goes its way until the next cut is settled, audited and published.
async fn settle(world: &mut World) -> Played {
    world.read_stream();
    world.deliver();
    world.pass(SETTLE_MS);
    world.tick();
    world.check().await
}

/// An event is audited in each round, and the first `failing_runs` runs of a round fail.
async fn fall_behind(world: &mut World, rounds: usize, failing_runs: u32, pause_ms: i64) -> Played {
    for _ in 0..rounds {
        world.send_to(0);
        world.aws.athena.set_faults(Faults {
            failing_runs,
            ..Faults::default()
        });
        settle(world).await?;
        world.pass(pause_ms);
    }
    Ok(())
}

/// Rows of one shard lie in an older hour, because their object began with a record of another shard. An audit that also
/// counts that shard's hours finds them; a run of the first shard alone must find them too.
async fn found_through_another_shards_folders(mutation: Option<Mutation>) -> Played {
    let mut world = lake(2, mutation).await;
    world.send_to(1);
    world.read_delivery(usize::MAX, |_| true);
    world.read_stream();
    world.pass(5 * HOUR_MS);
    world.send_to(0);
    world.deliver();
    // The other shard is held: its newest record is not delivered.
    world.send_to(1);
    world.read_stream();
    world.check().await?;
    world.pass(SETTLE_MS);
    world.tick();
    world.check().await?;
    rest(&mut world).await
}

/// A row lies in an older hour than its verdict. A run that reads the row's folder only counts what was dropped.
async fn verdict_in_another_hour(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    world.send_to(0);
    // Buffered for three hours, so that all that follows lies in this record's hour.
    world.read_delivery(usize::MAX, |_| true);
    let devices = ["device-1", "device-2", "device-3", "device-4"];
    world.send_aggregate(0, &devices.map(hash_key));
    world.stream.split(0);
    world.pass(3 * HOUR_MS);
    world.send_aggregate(1, &devices.map(hash_key));
    settle(&mut world).await?;
    rest(&mut world).await
}

/// A view falls back while stretches of several hours are audited and merged, and reads them all at last.
async fn stretches_of_different_hours(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    fall_behind(&mut world, 20, 2, 2 * HOUR_MS).await?;
    rest(&mut world).await
}

/// A row is lost on the way to raw. Its shard's history ends before it, the other shard's goes on.
async fn a_lost_row_holds_its_shard_only(mutation: Option<Mutation>) -> Played {
    let mut world = lake(2, mutation).await;
    let mut before = None;
    for round in 0..12 {
        world.send_to(0);
        world.send_to(1);
        world.read_stream();
        world.read_delivery(usize::MAX, |shard| *shard == 1);
        if round == 6 {
            before = world.last_sequence_number(0, 1);
        }
        world.read_delivery(usize::MAX, |_| true);
        if round == 6 {
            world.delivery.lose();
        }
        world.write_delivery(usize::MAX);
        world.pass(60_000);
    }
    for _ in 0..4 {
        world.pass(SETTLE_MS);
        world.tick();
        world.check().await?;
    }
    for view in world.views().to_vec() {
        let published = world.published(&view).await.ok_or("no view")?;
        let reached = |shard: usize| published.sequence_number(&world.stream.shards()[shard].id);
        let last = world.last_sequence_number(1, 0);
        if Some(reached(1)) != last {
            return Err(format!("{} waits for another shard", view.name()));
        }
        if Some(reached(0)) != before {
            return Err(format!(
                "{} does not reach the lost row: {} and not {before:?}",
                view.name(),
                reached(0)
            ));
        }
    }
    let held = match world.reports.last() {
        Some(Ok(report)) => report.held.iter().map(|held| held.shard.clone()).collect(),
        _ => Vec::new(),
    };
    match held == [world.stream.shards()[0].id.clone()] {
        true => Ok(()),
        false => Err(format!("held are {held:?}")),
    }
}

/// Raw lacks one row and holds another one that the ledger does not know.
async fn another_set_of_the_same_size(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    world.send_to(0);
    world.read_delivery(usize::MAX, |_| true);
    world.send_to(0);
    world.read_delivery(usize::MAX, |_| true);
    world.delivery.lose();
    world
        .delivery
        .forge(|row| row["_subsequence_number"] = 1.into());
    world.read_stream();
    world.write_delivery(usize::MAX);
    for _ in 0..3 {
        world.pass(SETTLE_MS);
        world.tick();
        world.check().await?;
    }
    match world.reports.last() {
        Some(Ok(report)) if report.held.len() == 1 => Ok(()),
        other => Err(format!("the shard is not held: {other:?}")),
    }
}

/// Athena refuses every statement above a number of rows, for the audit and for runs.
async fn athena_refuses_large_statements(mutation: Option<Mutation>) -> Played {
    backlog(Strength::Rows(24), mutation).await
}

/// Athena takes so long for a large statement that it does not end within a tick.
async fn athena_is_slow(mutation: Option<Mutation>) -> Played {
    backlog(Strength::Slow(20_000), mutation).await
}

async fn backlog(strength: Strength, mutation: Option<Mutation>) -> Played {
    let setting = Setting {
        shards: 3,
        strength,
        ..Setting::default()
    };
    let mut world = World::deployed(setting, mutation).await;
    for _ in 0..60 {
        for shard in 0..3 {
            world.send_to(shard);
        }
    }
    settle(&mut world).await?;
    rest(&mut world).await
}

/// A tick is frozen between its query and taking its output in, while others go on.
async fn a_tick_sleeps_through_another(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    world.send_to(0);
    settle(&mut world).await?;
    world.send_to(0);
    world.read_stream();
    world.deliver();
    world.pass(SETTLE_MS);
    world.start_tick();
    // The document was read, the query has run; the output is not taken in.
    let sleeping = world.run_until(|call| call.starts_with("register counts"));
    world.freeze(sleeping.ok_or("the tick has ended")?, None);
    for _ in 0..3 {
        world.tick();
        world.check().await?;
        world.send_to(0);
        settle(&mut world).await?;
    }
    world.thaw();
    world.finish();
    world.check().await?;
    rest(&mut world).await
}

/// The query of a plan fails and leaves an orphan. The next attempt has other numbers, while the first one wakes up.
async fn an_attempt_fails(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    for _ in 0..3 {
        world.send_to(0);
        world.aws.athena.set_faults(Faults {
            failing_runs: 3,
            orphans: 1,
            ..Faults::default()
        });
        settle(&mut world).await?;
        settle(&mut world).await?;
        settle(&mut world).await?;
    }
    rest(&mut world).await
}

/// A tick has read a view's table, and another one publishes before it does.
async fn a_publish_meets_another(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    world.send_to(0);
    world.read_stream();
    world.deliver();
    world.pass(SETTLE_MS);
    world.start_partitions();
    world.finish();
    world.start_tick();
    let sleeping = world.run_until(|call| call.starts_with("update table counts"));
    world.freeze(sleeping.ok_or("the tick has ended")?, None);
    world.send_to(0);
    settle(&mut world).await?;
    world.thaw();
    world.finish();
    world.check().await?;
    rest(&mut world).await
}

async fn a_view_is_dropped(mutation: Option<Mutation>) -> Played {
    let mut world = with_history(mutation).await?;
    world.aws.tables.drop_table("counts");
    // Whatever is shown on the way counts: it may be the last that the tick does.
    world.start_tick();
    if world
        .run_until(|call| call.starts_with("update table counts"))
        .is_some()
    {
        world.check().await?;
        world.crash(0, None);
    }
    world.tick();
    world.check().await?;
    world.aws.deploy().await;
    world.tick();
    world.check().await?;
    rest(&mut world).await
}

async fn a_view_is_overwritten(mutation: Option<Mutation>) -> Played {
    let mut world = with_history(mutation).await?;
    world.overwrite_view("counts").await;
    world.send_to(0);
    settle(&mut world).await?;
    rest(&mut world).await
}

/// A lake whose segments behind the watermark are deleted.
async fn with_history(mutation: Option<Mutation>) -> Result<World, String> {
    let mut world = lake(1, mutation).await;
    for _ in 0..3 {
        world.send_to(0);
        settle(&mut world).await?;
        world.pass(2 * HOUR_MS);
        world.tick();
        world.check().await?;
    }
    Ok(world)
}

async fn a_missing_view_holds_back_no_other(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    world.send_to(0);
    world.read_stream();
    world.deliver();
    world.aws.tables.drop_table("counts");
    world.pass(SETTLE_MS);
    world.tick();
    for view in world.views().to_vec() {
        let published = world.published(&view).await;
        if published.is_none_or(|published| published.watermark.is_empty()) {
            return Err(format!("{} has not moved", view.name()));
        }
    }
    world.check().await
}

/// A query reads what its view's text named half an hour ago, while runs are compacted and segments deleted.
async fn a_query_reads_an_old_text(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    for _ in 0..17 {
        world.send_to(0);
        world.read_stream();
        world.deliver();
        world.pass(SETTLE_MS);
        world.start_queries().await;
        world.pass(60_000);
        world.tick();
        world.check().await?;
    }
    rest(&mut world).await
}

/// A tick is about to delete, and another one plans, writes and publishes a run.
async fn a_run_is_planned_while_another_tick_deletes(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    world.send_to(0);
    settle(&mut world).await?;
    world.start_tick();
    // The functions list before they read the document; whoever reads it first sleeps between the two.
    let sleeping = world.run_until(|call| call.starts_with("list speed/"));
    world.freeze(sleeping.ok_or("the tick has ended")?, None);
    world.send_to(0);
    settle(&mut world).await?;
    world.thaw();
    world.finish();
    world.check().await?;
    rest(&mut world).await
}

/// A batch was discarded, its failure record comes late, and the delivery stream has not written its rows yet: both layers
/// lack the same records.
async fn a_batch_is_discarded_while_raw_is_counted(mutation: Option<Mutation>) -> Played {
    let setting = Setting {
        max_failures: 1,
        ..Setting::default()
    };
    let mut world = World::deployed(setting, mutation).await;
    world.send_to(0);
    world.is_holding_discards = true;
    world.start_speed(0, 1);
    world.crash(0, None);
    // The record after it is delivered and counted, the discarded one is not.
    world.send_to(0);
    world.read_stream();
    world.read_delivery(1, |_| true);
    world.delivery.lose();
    world.deliver();
    world.pass(SETTLE_MS);
    world.start_partitions();
    world.finish();
    world.start_tick();
    let counting = world.run_until(|call| call.starts_with("read the state of"));
    counting.ok_or("the tick has ended")?;
    world.write_discards();
    world.finish();
    world.check().await?;
    let held = match world.reports.last() {
        Some(Ok(report)) => report.held.len(),
        _ => 0,
    };
    match held {
        1 => Ok(()),
        _ => Err("the shard of a discarded batch is not held".to_owned()),
    }
}

/// The mapping was replaced and forms other batches, while an invocation of the old one wakes up: a longer batch loses its
/// commit to a shorter one.
async fn a_commit_is_lost_to_a_shorter_batch(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    for _ in 0..4 {
        world.send_to(0);
    }
    world.start_speed(0, 2);
    let shorter = world.run_until(|call| call.starts_with("create speed/"));
    world.freeze(shorter.ok_or("the shorter one has ended")?, None);
    world.replace_mapping();
    world.start_speed(0, 4);
    let longer = world.run_until(|call| call.starts_with("create speed/"));
    longer.ok_or("the longer one has ended")?;
    world.thaw();
    world.finish();
    world.check().await?;
    // Records that the commit did not count are missing once a later one is counted.
    world.send_to(0);
    rest(&mut world).await
}

/// The mapping was replaced and forms other batches, which are committed. Then an invocation of the old one wakes up, ready to
/// commit.
async fn an_invocation_wakes_up_at_its_commit(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    for _ in 0..4 {
        world.send_to(0);
    }
    world.start_speed(0, 2);
    let old = world.run_until(|call| call.starts_with("replace "));
    world.freeze(old.ok_or("the old one has ended")?, None);
    world.replace_mapping();
    world.start_speed(0, 4);
    world.finish();
    world.thaw();
    world.finish();
    world.check().await?;
    world.send_to(0);
    rest(&mut world).await
}

/// A batch without an event is committed while a longer one is at work.
async fn a_segment_without_rows_is_contended(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    world.send_bad(0);
    world.send_to(0);
    // The longer one was given up after it has written its segments.
    world.start_speed(0, 2);
    let longer = world.run_until(|call| call.starts_with("replace "));
    world.freeze(longer.ok_or("it has ended")?, Some(1));
    world.start_speed(0, 1);
    world.finish();
    world.thaw();
    world.finish();
    world.read_stream();
    world.check().await?;
    // The other way round: the longer one comes last.
    world.send_bad(0);
    world.send_to(0);
    world.start_speed(0, 2);
    let longer = world.run_until(|call| call.starts_with("create speed/"));
    world.freeze(longer.ok_or("it has ended")?, Some(1));
    world.start_speed(0, 1);
    let shorter = world.run_until(|call| call.starts_with("replace "));
    shorter.ok_or("the shorter one has ended")?;
    world.thaw();
    // The longer one reads the checkpoint of old and goes up to its commit, the shorter one commits before.
    world.run_one_until(0, |call| call.starts_with("replace "));
    world.finish();
    world.read_stream();
    world.check().await?;
    rest(&mut world).await
}

/// An invocation dies at each of its calls in turn, with verdicts to write.
async fn speed_dies_before_its_verdicts(mutation: Option<Mutation>) -> Played {
    for calls in 0..40 {
        let mut world = lake(1, mutation).await;
        world.stream.split(0);
        let devices = ["device-1", "device-2", "device-3", "device-4"];
        world.send_aggregate(1, &devices.map(hash_key));
        world.start_speed(1, 4);
        for _ in 0..calls {
            if let Some((index, id, _)) = world.calls().first().cloned() {
                world.release(index, id, crate::kernel::Fate::Answered);
            }
        }
        if world.jobs().is_empty() {
            return Ok(());
        }
        world.crash(0, None);
        world.check().await?;
        rest(&mut world).await?;
    }
    Err("an invocation makes more than 40 calls".to_owned())
}

/// Runs are compacted, tier by tier.
async fn runs_are_compacted(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    for _ in 0..34 {
        world.send_to(0);
        settle(&mut world).await?;
    }
    rest(&mut world).await
}

/// A view cannot be published for days. Then it catches up page by page, with a plan in each tick.
async fn a_view_lags_for_days(mutation: Option<Mutation>) -> Played {
    let mut world = lake(1, mutation).await;
    fall_behind(&mut world, 18, 8, 8 * HOUR_MS).await?;
    world.aws.athena.set_faults(Faults {
        duration_ms: 400_000,
        ..Faults::default()
    });
    for _ in 0..12 {
        world.tick();
        world.check().await?;
        world.pass(60_000);
    }
    rest(&mut world).await
}
