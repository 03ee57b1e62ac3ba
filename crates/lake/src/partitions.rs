//! Registration of raw folders as partitions. Athena sees nothing of a folder that is not registered.

use std::collections::{BTreeMap, HashSet};

use crate::Result;
use crate::catalog::{Catalog, Partition};
use crate::layout::{Hour, Layout, RAW_TABLE};
use crate::store::Store;

/// The outcome of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registered {
    /// The number of hours that have a folder.
    pub existing: usize,
    /// The hours that this registration added, in order.
    pub added: Vec<Hour>,
}

/// Registers each of the `hours` whose folder exists and is not registered. The registration is idempotent, also if it
/// runs twice at once.
///
/// # Errors
/// Any error of S3 or Glue. Partitions registered before the error stay registered.
pub async fn register(
    store: &dyn Store,
    catalog: &dyn Catalog,
    layout: &Layout,
    hours: impl IntoIterator<Item = Hour>,
) -> Result<Registered> {
    let mut days: BTreeMap<String, Vec<Hour>> = BTreeMap::new();
    for hour in hours {
        days.entry(day_prefix(layout, hour)).or_default().push(hour);
    }
    let mut existing = Vec::new();
    for (day, hours) in &days {
        let folders: HashSet<_> = store.folders(day).await?.into_iter().collect();
        existing.extend(
            hours
                .iter()
                .copied()
                .filter(|hour| folders.contains(&layout.raw_folder(*hour))),
        );
    }
    let known = registered_hours(catalog, &existing).await?;
    let added: Vec<Hour> = existing
        .iter()
        .copied()
        .filter(|hour| !known.contains(hour))
        .collect();
    let partitions: Vec<_> = added
        .iter()
        .map(|hour| Partition {
            values: hour.values().to_vec(),
            location: layout.uri(&layout.raw_folder(*hour)),
        })
        .collect();
    catalog.register(RAW_TABLE, &partitions).await?;
    Ok(Registered {
        existing: existing.len(),
        added,
    })
}

/// The registered hours of the days that `hours` lie in.
async fn registered_hours(catalog: &dyn Catalog, hours: &[Hour]) -> Result<HashSet<Hour>> {
    let mut days: Vec<[String; 3]> = hours
        .iter()
        .map(|hour| {
            let [year, month, day, _] = hour.values();
            [year, month, day]
        })
        .collect();
    days.dedup();
    let mut known = HashSet::new();
    for [year, month, day] in days {
        let expression = format!("year = '{year}' AND month = '{month}' AND day = '{day}'");
        let partitions = catalog.partitions(RAW_TABLE, Some(&expression)).await?;
        known.extend(
            partitions
                .iter()
                .filter_map(|partition| Hour::from_values(&partition.values)),
        );
    }
    Ok(known)
}

fn day_prefix(layout: &Layout, hour: Hour) -> String {
    let folder = layout.raw_folder(hour);
    folder
        .split_once("hour=")
        .map_or(folder.clone(), |(day, _)| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{MemoryCatalog, MemoryStore};
    use crate::store::Metadata;

    #[tokio::test]
    async fn registers_what_exists_and_is_unknown() {
        let (store, catalog) = (MemoryStore::new(), MemoryCatalog::new());
        let layout = Layout::new("bucket", "thermostats");
        let first = Hour::parse("2026-11-20T23").unwrap();
        let hours: Vec<_> =
            Hour::range(first.start_ms(), first.start_ms() + 3 * 3_600_000).collect();
        for hour in [hours[0], hours[2]] {
            store.put(
                &format!("{}a.parquet", layout.raw_folder(hour)),
                "x",
                Metadata::new(),
                0,
            );
        }
        let registered = register(&store, &catalog, &layout, hours.clone())
            .await
            .unwrap();
        assert_eq!(
            registered,
            Registered {
                existing: 2,
                added: vec![hours[0], hours[2]]
            }
        );
        let again = register(&store, &catalog, &layout, hours.clone())
            .await
            .unwrap();
        assert_eq!(again.added, Vec::new());
        let partitions = catalog.partitions(RAW_TABLE, None).await.unwrap();
        assert_eq!(
            partitions[1].location,
            "s3://bucket/raw/thermostats/year=2026/month=11/day=21/hour=01/"
        );
    }
}
