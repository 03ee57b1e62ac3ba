//! Histories made by hand, each of which once led to a wrong answer.
#![allow(clippy::unwrap_used)]

use futures::executor::block_on;
use twinlake_lake::layout::HOUR_MS;
use twinlake_simulator::delivery::Deaggregation;
use twinlake_simulator::history::{NEVER_DISCARDS, check, rest};
use twinlake_simulator::world::{SETTLE_MS, World};

async fn lake(shards: u128) -> World {
    World::deployed(shards, Deaggregation::Indexed, NEVER_DISCARDS).await
}

fn pass(world: &World, ms: i64) {
    world.time.advance_to(world.time.now_ms() + ms);
}

/// `speed` reads all that is there.
fn read_stream(world: &mut World) {
    while let Some(&shard) = world.mapping.ready(&world.stream).first() {
        world.start_speed(shard, 100);
        world.finish();
    }
}

/// The delivery stream writes all that is there into one object.
fn deliver(world: &mut World) {
    world.read_delivery(usize::MAX, |_| true);
    world.write_delivery(usize::MAX);
}

fn tick(world: &mut World) {
    world.start_tick();
    world.finish();
}

/// Rows of one shard lie in an older hour, because their object began with a record of another shard. An audit that also
/// counts that shard's hours finds them; a run of the first shard alone must find them too.
#[test]
fn rows_that_were_found_only_through_another_shards_folders_are_read_by_the_run() {
    block_on(async {
        let mut world = lake(2).await;
        world.send_to(1);
        world.read_delivery(usize::MAX, |_| true);
        read_stream(&mut world);
        pass(&world, 5 * HOUR_MS);
        world.send_to(0);
        deliver(&mut world);
        // The other shard is held: its newest record is not delivered.
        world.send_to(1);
        read_stream(&mut world);
        check(&mut world).await.unwrap();
        pass(&world, SETTLE_MS);
        world.start_partitions();
        world.finish();
        tick(&mut world);
        check(&mut world).await.unwrap();
        rest(&mut world).await.unwrap();
    });
}

#[test]
fn a_view_that_was_dropped_in_the_console_comes_back_with_its_history() {
    block_on(async {
        let mut world = lake(1).await;
        for _ in 0..3 {
            world.send_to(0);
            read_stream(&mut world);
            deliver(&mut world);
            pass(&world, SETTLE_MS);
            world.start_partitions();
            world.finish();
            tick(&mut world);
            // Segments behind the watermark are deleted after an hour.
            pass(&world, 2 * HOUR_MS);
            tick(&mut world);
            check(&mut world).await.unwrap();
        }
        world.tables.drop_table("counts");
        tick(&mut world);
        check(&mut world).await.unwrap();
        world.redeploy().await;
        tick(&mut world);
        check(&mut world).await.unwrap();
        rest(&mut world).await.unwrap();
    });
}

#[test]
fn a_missing_view_holds_back_no_other() {
    block_on(async {
        let mut world = lake(1).await;
        world.send_to(0);
        read_stream(&mut world);
        deliver(&mut world);
        world.tables.drop_table("counts");
        pass(&world, SETTLE_MS);
        world.start_partitions();
        world.finish();
        tick(&mut world);
        let view = world.views()[1].clone();
        assert_eq!(view.name(), "each");
        let published = world.published(&view).await.unwrap();
        assert!(!published.watermark.is_empty(), "each has not moved");
    });
}
