//! The folders that an invocation registers.
#![allow(clippy::unwrap_used)]

use partitions::{Context, Error, Request, handle};
use twinlake_lake::Catalog;
use twinlake_lake::layout::{HOUR_MS, Hour, Layout, RAW_TABLE};
use twinlake_lake::memory::{MemoryCatalog, MemoryClock, MemoryStore};
use twinlake_lake::store::Metadata;

/// Noon of a day, 240 folders before it and one an hour ahead.
struct Lake {
    store: MemoryStore,
    catalog: MemoryCatalog,
    clock: MemoryClock,
    layout: Layout,
    noon_ms: i64,
}

impl Lake {
    fn new() -> Self {
        let (store, layout) = (MemoryStore::new(), Layout::new("bucket", "thermostats"));
        let noon_ms = Hour::parse("2026-11-21T12").unwrap().start_ms();
        for hour in Hour::range(noon_ms - 240 * HOUR_MS, noon_ms + HOUR_MS) {
            store.put(
                &format!("{}object.parquet", layout.raw_folder(hour)),
                "x",
                Metadata::new(),
                0,
            );
        }
        Self {
            store,
            catalog: MemoryCatalog::new(),
            clock: MemoryClock::at(noon_ms + 5),
            layout,
            noon_ms,
        }
    }

    async fn handle(&self, request: Request) -> Result<usize, Error> {
        let context = Context {
            store: &self.store,
            catalog: &self.catalog,
            clock: &self.clock,
            layout: &self.layout,
        };
        handle(&context, &request)
            .await
            .map(|response| response.registered.len())
    }
}

#[tokio::test]
async fn looks_back_two_days() {
    let lake = Lake::new();
    assert_eq!(lake.handle(Request::default()).await.unwrap(), 49);
    assert_eq!(
        lake.handle(Request::default()).await.unwrap(),
        0,
        "registered folders stay as they are"
    );
    let partitions = lake.catalog.partitions(RAW_TABLE, None).await.unwrap();
    let newest = partitions
        .iter()
        .filter_map(|partition| Hour::from_values(&partition.values))
        .max();
    assert_eq!(newest, Some(Hour::of(lake.noon_ms)));
}

#[tokio::test]
async fn catches_up_on_a_range() {
    let lake = Lake::new();
    let request = Request {
        from: Some("2026-11-11T12".into()),
        to: Some("2026-11-19T11".into()),
    };
    assert_eq!(lake.handle(request).await.unwrap(), 192);
}

#[tokio::test]
async fn refuses_what_is_no_range() {
    let lake = Lake::new();
    let request = Request {
        from: Some("yesterday".into()),
        to: None,
    };
    let message = lake.handle(request).await.unwrap_err().to_string();
    assert!(
        message.starts_with("`from`: \"yesterday\" is no hour; give hours in UTC"),
        "{message}"
    );
    let request = Request {
        from: Some("2026-11-22T00".into()),
        to: None,
    };
    assert!(
        lake.handle(request)
            .await
            .unwrap_err()
            .to_string()
            .contains("later than `to`")
    );
}
