//! Laws of every slice of records: nothing is lost, and no record touches another.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::sync::LazyLock;

use arrow_array::RecordBatch;
use fixture::{definition_with_columns, record, thermostats};
use proptest::prelude::*;
use twinlake_pipeline::{Decoded, Decoder, Definition, UserRecord};

static THERMOSTATS: LazyLock<Decoder> = LazyLock::new(|| Decoder::new(&thermostats()));

/// One column of each type, none required.
static ALL_TYPES: LazyLock<Definition> = LazyLock::new(|| {
    definition_with_columns(&[
        "{ name: s, type: string }",
        "{ name: i, type: int }",
        "{ name: l, type: bigint }",
        "{ name: d, type: double }",
        "{ name: b, type: boolean }",
        "{ name: t, type: timestamp }",
        "{ name: y, type: date }",
    ])
});

fn good_event() -> impl Strategy<Value = Vec<u8>> {
    ("[a-f0-9]{8}", 1..1_000_u32, 0..86_400_000_i64, prop::sample::select(vec!["70", "71.5", "-5e0", "150"])).prop_map(
        |(uuid, device, ms, temp)| {
            let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
            let time = format!("2026-11-20 {hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1_000);
            format!(r#"{{"uuid":"{uuid}","deviceid":"device-{device}","devicets":"{time}","temp":{temp}}}"#).into_bytes()
        },
    )
}

/// Good events, damaged ones and noise.
fn any_record() -> impl Strategy<Value = UserRecord> {
    let flipped = (good_event(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(mut bytes, at, byte)| {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        },
    );
    let truncated = (good_event(), any::<prop::sample::Index>()).prop_map(|(mut bytes, at)| {
        bytes.truncate(at.index(bytes.len()));
        bytes
    });
    let noise = prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![4 => good_event(), 2 => flipped, 1 => truncated, 1 => noise].prop_map(record)
}

/// The events of one decode after those of another.
fn concatenated(parts: &[Decoded]) -> Vec<String> {
    parts.iter().flat_map(|part| rows(&part.events)).collect()
}

/// Each row as text.
fn rows(events: &RecordBatch) -> Vec<String> {
    (0..events.num_rows())
        .map(|row| format!("{:?}", events.slice(row, 1).columns()))
        .collect()
}

proptest! {
    #[test]
    fn each_record_ends_as_one_event_or_one_rejected_record(records in prop::collection::vec(any_record(), 0..40)) {
        let decoded = THERMOSTATS.decode(&records);
        prop_assert_eq!(decoded.events.num_rows(), decoded.origins.len());
        let mut seen: Vec<_> = decoded.origins.iter().map(|origin| origin.record).collect();
        seen.extend(decoded.rejected.iter().map(|rejected| rejected.origin.record));
        seen.sort_unstable();
        prop_assert!(seen.into_iter().eq(0..records.len() as u32));
        for rejected in &decoded.rejected {
            prop_assert_eq!(&rejected.bytes, &records[rejected.origin.record as usize].data);
            prop_assert!(!rejected.reason.is_empty());
        }
    }

    #[test]
    fn neighbours_of_a_rejected_record_do_not_notice_it(records in prop::collection::vec(any_record(), 0..40)) {
        let decoded = THERMOSTATS.decode(&records);
        let accepted: Vec<_> = decoded.origins.iter().map(|origin| records[origin.record as usize].clone()).collect();
        let alone = THERMOSTATS.decode(&accepted);
        prop_assert!(alone.rejected.is_empty());
        prop_assert_eq!(alone.events, decoded.events);
    }

    #[test]
    fn any_split_decodes_to_the_same(
        records in prop::collection::vec(any_record(), 0..40),
        at in any::<prop::sample::Index>(),
    ) {
        let whole = THERMOSTATS.decode(&records);
        let (first, second) = records.split_at(at.index(records.len() + 1));
        let parts = [THERMOSTATS.decode(first), THERMOSTATS.decode(second)];
        prop_assert_eq!(concatenated(&parts), rows(&whole.events));
        let reasons: Vec<_> = parts.iter().flat_map(|part| &part.rejected).map(|rejected| &rejected.reason).collect();
        prop_assert_eq!(reasons, whole.rejected.iter().map(|rejected| &rejected.reason).collect::<Vec<_>>());
    }

    #[test]
    fn good_events_are_accepted(events in prop::collection::vec(good_event(), 1..20)) {
        let records: Vec<_> = events.into_iter().map(record).collect();
        prop_assert_eq!(THERMOSTATS.decode(&records).events.num_rows(), records.len());
    }

    #[test]
    fn every_finite_double_keeps_its_bits(value in any::<f64>().prop_filter("JSON has no others", |value| value.is_finite())) {
        use arrow_array::cast::AsArray;
        let data = serde_json::to_vec(&serde_json::json!({ "d": value })).unwrap();
        let events = Decoder::new(&ALL_TYPES).decode(&[record(data)]).events;
        let found = events.column(3).as_primitive::<arrow_array::types::Float64Type>().value(0);
        prop_assert_eq!(found.to_bits(), value.to_bits());
    }

    #[test]
    fn no_value_of_any_kind_panics(key in "[silbdty]", value in any_json()) {
        let data = serde_json::to_vec(&serde_json::json!({ key: value })).unwrap();
        let decoded = Decoder::new(&ALL_TYPES).decode(&[record(data)]);
        prop_assert_eq!(decoded.events.num_rows() + decoded.rejected.len(), 1);
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let scalar = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,30}".prop_map(Into::into),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,12})?)?"
            .prop_map(Into::into),
    ];
    scalar.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}
