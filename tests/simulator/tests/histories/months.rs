//! Months of steady traffic: what a tick reads, asks and keeps does not grow with the age of the lake.

use futures::executor::block_on;
use twinlake_lake::layout::HOUR_MS;
use twinlake_simulator::history::rest;
use twinlake_simulator::setup::SETTLE_MS;
use twinlake_simulator::world::{Setting, World};

/// The hours of the history: two months.
const HOURS: usize = 60 * 24;
/// The hours between two ticks.
const TICK_HOURS: usize = 2;

/// Sizes of a lake of two shards and two views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sizes {
    /// The bytes of the longest statement of a tick.
    statement: usize,
    /// The characters of the longest view.
    view_text: usize,
    /// The bytes of `audit.json`.
    audit: usize,
    /// The bytes of the views' documents.
    documents: usize,
    /// The number of segments.
    segments: usize,
    /// The number of objects of runs.
    runs: usize,
}

/// The bounds. Runs and what names them grow with the logarithm of the number of ticks: 15 of a tier, three tiers here, and
/// as many again that were shown within the hour. The audit keeps the key of a page a day.
fn bounds(days: usize) -> Sizes {
    Sizes {
        statement: 6_000,
        view_text: 4_000,
        audit: 12_000 + 130 * days,
        documents: 16_000,
        segments: 8,
        runs: 2 * 2 * 45 + 60,
    }
}

impl Sizes {
    async fn of(world: &World) -> Self {
        let objects = &world.aws.objects;
        let bytes = |part: &str| {
            let of = objects.sizes().into_iter();
            let of = of.filter(|(key, _)| key.starts_with("state/") && key.contains(part));
            of.map(|(_, bytes)| bytes).sum()
        };
        let count = |prefix: &str| {
            let keys = objects.keys();
            keys.iter().filter(|key| key.starts_with(prefix)).count()
        };
        Self {
            statement: world.aws.athena.take_longest(),
            view_text: world.longest_view_text().await,
            audit: bytes("/audit.json"),
            documents: bytes("/views/"),
            segments: count("speed/"),
            runs: count("batch/"),
        }
    }

    fn are_within(self, bounds: Self) -> bool {
        self.statement <= bounds.statement
            && self.view_text <= bounds.view_text
            && self.audit <= bounds.audit
            && self.documents <= bounds.documents
            && self.segments <= bounds.segments
            && self.runs <= bounds.runs
    }
}

#[test]
fn state_and_statements_stay_within_their_bounds() {
    block_on(async {
        let setting = Setting {
            shards: 2,
            ..Setting::default()
        };
        let mut world = World::deployed(setting, None).await;
        for hour in 0..HOURS {
            world.send_to(hour % 2);
            world.read_stream();
            world.deliver();
            world.pass(HOUR_MS);
            if hour % TICK_HOURS == 0 {
                world.tick();
                let (sizes, bounds) = (Sizes::of(&world).await, bounds(hour / 24));
                assert!(sizes.are_within(bounds), "after {hour} hours: {sizes:?}");
            }
        }
        world.pass(SETTLE_MS);
        assert_eq!(rest(&mut world).await, Ok(()));
    });
}
