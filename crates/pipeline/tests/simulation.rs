//! Simulated events follow the definition, and are the same for the same seed.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use fixture::{
    definition_with_columns, folder, pipeline_with_columns, record, thermostats, thermostats_folder,
};
use twinlake_pipeline::{Decoder, Definition, Folder, Simulator, SimulatorError};

/// 2026-11-20 12:34:56.000 UTC.
const NOON_MS: i64 = 1_795_178_096_000;

fn rows(definition: &Definition, folder: &Folder) -> BTreeMap<String, RecordBatch> {
    let read = |reference: &twinlake_pipeline::Reference| {
        (
            reference.name.clone(),
            reference
                .read_csv(&folder.references[&reference.name])
                .unwrap(),
        )
    };
    definition.references.iter().map(read).collect()
}

fn thermostat_simulator(seed: u64) -> Simulator {
    let folder = Folder::read(&thermostats_folder()).unwrap();
    let definition = folder.definition().unwrap();
    Simulator::new(&definition, &rows(&definition, &folder), seed).unwrap()
}

#[test]
fn every_simulated_event_is_accepted() {
    let mut simulator = thermostat_simulator(1);
    let drawn: Vec<_> = (0..10_000)
        .map(|step| simulator.next(NOON_MS + step))
        .collect();
    let records: Vec<_> = drawn.iter().map(|(_, data)| record(data.clone())).collect();
    let events = Decoder::new(&thermostats()).decode(&records).events;
    assert_eq!(events.num_rows(), 10_000);

    let keys: Vec<_> = drawn.iter().map(|(key, _)| key.as_str()).collect();
    assert!(
        events
            .column(1)
            .as_string::<i32>()
            .iter()
            .flatten()
            .eq(keys.iter().copied())
    );
    let times = events.column(2).as_primitive::<TimestampMillisecondType>();
    assert!(times.values().iter().copied().eq(NOON_MS..NOON_MS + 10_000));
    let share = |temp: f64| {
        let temps = events.column(3).as_primitive::<Float64Type>().values();
        temps.iter().filter(|value| **value == temp).count() as f64 / 10_000.0
    };
    for (temp, weight) in [(70.0, 0.33), (71.0, 0.33), (72.0, 0.33), (78.0, 0.01)] {
        assert!(
            (share(temp) - weight).abs() < 0.02,
            "{temp} has a share of {}",
            share(temp)
        );
    }
    let devices: std::collections::BTreeSet<_> = keys.into_iter().collect();
    assert!(
        devices.len() > 990,
        "10,000 draws of 1,000 devices leave few out: {}",
        devices.len()
    );
    let uuids: std::collections::BTreeSet<_> = events
        .column(0)
        .as_string::<i32>()
        .iter()
        .flatten()
        .collect();
    assert_eq!(uuids.len(), 10_000);
}

/// Pinned: an upgrade of the random numbers' crates must not change the events of a seed unnoticed.
#[test]
fn a_seed_gives_the_same_events_for_ever() {
    let draw = |seed| thermostat_simulator(seed).next(NOON_MS).1;
    let expected = r#"{"uuid":"8af00a13-3fad-417d-86cc-7763222724a2","deviceid":"device-0869","devicets":"2026-11-20 12:34:56.000","temp":78}"#;
    assert_eq!(std::str::from_utf8(&draw(42)).unwrap(), expected);
    assert_eq!(draw(42), draw(42));
    assert_ne!(draw(42), draw(43));
}

#[test]
fn every_generator_draws_values_of_its_column() {
    let pipeline = format!(
        "{}{}",
        pipeline_with_columns(&[
            "{ name: n, type: int, required: true }",
            "{ name: x, type: double }",
            "{ name: born, type: date, format: \"%d.%m.%Y\" }",
            "{ name: state, type: string, one_of: [on, off] }",
            "{ name: ok, type: boolean }",
            "{ name: never, type: bigint }",
        ]),
        "simulate:
  partition_key: n
  columns:
    n: { uniform: { min: 3, max: 5 } }
    x: { uniform: { min: -0.5, max: 1 } }
    born: now
    state: { choice: { on: 1, off: 2 } }
    ok: { choice: { true: 1 } }
"
    );
    let definition = folder(&pipeline).definition().unwrap();
    let mut simulator = Simulator::new(&definition, &BTreeMap::new(), 7).unwrap();
    for _ in 0..100 {
        let (key, data) = simulator.next(NOON_MS);
        let event: serde_json::Value = serde_json::from_slice(&data).unwrap();
        assert_eq!(key, event["n"].to_string());
        assert!((3..=5).contains(&event["n"].as_i64().unwrap()));
        assert!((-0.5..=1.0).contains(&event["x"].as_f64().unwrap()));
        assert_eq!(event["born"], "20.11.2026");
        assert_eq!(event["ok"], true);
        assert_eq!(event.get("never"), None);
        assert!(
            Decoder::new(&definition)
                .decode(&[record(data)])
                .rejected
                .is_empty()
        );
    }
}

#[test]
fn a_simulation_without_values_to_draw_is_an_error() {
    let without = definition_with_columns(&["{ name: a, type: int }"]);
    assert_eq!(
        Simulator::new(&without, &BTreeMap::new(), 1).unwrap_err(),
        SimulatorError::NotDescribed
    );
    let no_table = Simulator::new(&thermostats(), &BTreeMap::new(), 1).unwrap_err();
    assert_eq!(
        no_table.to_string(),
        "the rows of the reference table `device_settings` are not at hand"
    );
    let empty = thermostats().references[0]
        .read_csv(b"deviceid,settemp\n")
        .unwrap();
    let no_values = Simulator::new(
        &thermostats(),
        &BTreeMap::from([("device_settings".to_owned(), empty)]),
        1,
    );
    assert_eq!(
        no_values.unwrap_err().to_string(),
        "the reference table `device_settings` has no value in its column `deviceid`"
    );
}
