//! Histories that are not answered as they should be, each with the difference that it shows. What mends one turns it into
//! a history of [`twinlake_simulator::handmade`].

use futures::executor::block_on;
use twinlake_lake::layout::HOUR_MS;
use twinlake_simulator::delivery::Deaggregation;
use twinlake_simulator::history::rest;
use twinlake_simulator::setup::SETTLE_MS;
use twinlake_simulator::world::{Setting, World};

async fn lake(deaggregation: Deaggregation, max_failures: u32) -> World {
    let setting = Setting {
        deaggregation,
        max_failures,
        ..Setting::default()
    };
    World::deployed(setting, None).await
}

async fn whole() -> World {
    lake(Deaggregation::None, u32::MAX).await
}

/// The shard is held, and reported as such. Its events stay answered by speed.
async fn assert_held(world: &mut World) {
    let outcome = rest(world).await;
    let difference = outcome.err().unwrap_or_default();
    assert!(difference.contains("a shard is held"), "{difference}");
}

/// Needs repair from the failure destination.
#[test]
fn a_discarded_batch_is_not_repaired() {
    block_on(async {
        let mut world = lake(Deaggregation::None, 1).await;
        world.send_to(0);
        world.start_speed(0, 1);
        world.crash(0, None);
        world.send_to(0);
        assert!(rest(&mut world).await.is_ok(), "held, as the history knows");
        let report = world.reports.last().and_then(|report| report.as_ref().ok());
        assert_eq!(report.map(|report| report.held.len()), Some(1));
    });
}

/// Needs repair from the stream: what does not fit into the answer beside its neighbours ends as `ProcessingFailed`.
#[test]
fn a_record_that_did_not_fit_beside_its_neighbours_is_not_repaired() {
    block_on(async {
        let mut world = whole().await;
        world.send_bad_aggregate(0, 8_000);
        world.send_bad_aggregate(0, 8_000);
        let refused = world.read_delivery(usize::MAX, |_| true);
        assert_eq!(refused, 1);
        assert_held(&mut world).await;
    });
}

/// Needs repair from the stream: the parts of an aggregate do not tell `preprocess` that the whole is too large.
#[test]
fn a_record_of_too_many_rows_that_firehose_took_apart_is_not_repaired() {
    block_on(async {
        let mut world = whole().await;
        world.send_bad_aggregate(0, 20_000);
        rest(&mut world).await.unwrap_or_else(|difference| {
            panic!("as a whole it is one rejected record: {difference}")
        });
        let mut world = lake(Deaggregation::Indexed, u32::MAX).await;
        world.send_bad_aggregate(0, 20_000);
        assert_eq!(world.read_delivery_divided(0, 10_000), 0);
        assert_held(&mut world).await;
    });
}

/// Needs repair from the stream: without sub-sequence numbers, the parts of an aggregate are numbered by their order in an
/// invocation.
#[test]
fn unnumbered_parts_in_two_invocations_are_not_repaired() {
    block_on(async {
        let mut world = lake(Deaggregation::Unnumbered, u32::MAX).await;
        world.send_bad_aggregate(0, 10);
        assert_eq!(world.read_delivery_divided(0, 6), 0);
        assert_held(&mut world).await;
    });
}

/// Needs repair from the stream: rows are looked for in the folders of two days.
#[test]
fn rows_in_a_folder_of_three_days_ago_are_not_found() {
    block_on(async {
        let setting = Setting {
            shards: 2,
            ..Setting::default()
        };
        let mut world = World::deployed(setting, None).await;
        world.send_to(1);
        world.read_stream();
        world.read_delivery(usize::MAX, |_| true);
        world.pass(72 * HOUR_MS);
        world.send_to(0);
        world.deliver();
        assert_held(&mut world).await;
    });
}

/// Needs the ends of shards.
#[test]
fn closed_shards_are_not_forgotten() {
    block_on(async {
        let mut world = whole().await;
        for _ in 0..3 {
            let open = world.stream.open_shards();
            world.send_to(open[0]);
            world.stream.split(open[0]);
            let open = world.stream.open_shards();
            world.stream.merge(open[0]);
        }
        let open = world.stream.open_shards();
        world.send_to(open[0]);
        assert!(rest(&mut world).await.is_ok());
        world.pass(48 * HOUR_MS);
        for _ in 0..4 {
            world.pass(SETTLE_MS);
            world.tick();
        }
        assert_eq!(
            (world.stream.open_shards().len(), world.checkpoints()),
            (1, 4)
        );
    });
}
