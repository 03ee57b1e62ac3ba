//! A held shard is counted by every tick, one that fails included.
#![allow(clippy::unwrap_used)]

use futures::executor::block_on;
use serde_json::Value;
use twinlake_simulator::kernel::Fate;
use twinlake_simulator::setup::SETTLE_MS;
use twinlake_simulator::world::{Setting, World};
use twinlake_telemetry::capture::logged;

/// The number of held shards in the one summary line that a tick logs.
fn held_shards(tick: impl FnOnce()) -> Value {
    let lines = logged(tick);
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let summaries: Vec<Value> = lines
        .filter(|line: &Value| line["message"] == "tick finished")
        .collect();
    assert_eq!(summaries.len(), 1);
    summaries[0]["held_shards"].clone()
}

#[test]
fn a_tick_whose_audit_fails_counts_the_shards_that_were_held() {
    let mut world = block_on(World::deployed(Setting::default(), None));
    world.send_to(0);
    world.read_delivery(usize::MAX, |_| true);
    world.delivery.lose();
    world.read_stream();
    world.pass(SETTLE_MS);
    let held = held_shards(|| world.tick());
    assert_eq!(held, 1);
    let held = held_shards(|| {
        world.start_tick();
        let listing = world.run_until(|call| call.starts_with("list folders aws/lambda/"));
        let calls = world.calls();
        let (_, id, _) = calls.first().unwrap();
        world.release(listing.unwrap(), *id, Fate::Throttled);
        world.finish();
    });
    assert!(world.reports.last().unwrap().is_err());
    assert_eq!(held, 1);
}
