//! Laws of all records and all bytes.
#![allow(clippy::unwrap_used)]

mod craft;

use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*};
use twinlake_kpl::{Aggregate, Aggregator, MAX_RECORD_BYTES, Record, decode};

type Sent = (String, Option<String>, Vec<u8>);

fn sent() -> impl Strategy<Value = Vec<Sent>> {
    let key = prop_oneof!["[a-c]", ".{1,40}"];
    vec(
        (key, option::of("[0-9]{1,3}"), vec(any::<u8>(), 0..200)),
        0..60,
    )
}

fn aggregates(records: &[Sent], max_bytes: usize) -> Vec<Aggregate> {
    let mut aggregator = Aggregator::new(max_bytes);
    let mut aggregates = Vec::new();
    for (partition_key, explicit_hash_key, data) in records {
        let data = Bytes::copy_from_slice(data);
        aggregates.extend(
            aggregator
                .add(partition_key, explicit_hash_key.as_deref(), data)
                .unwrap(),
        );
    }
    aggregates.extend(aggregator.finish());
    aggregates
}

fn received(aggregate: &Aggregate) -> Vec<Sent> {
    match decode(&aggregate.data) {
        Record::Plain => vec![(
            aggregate.partition_key.clone(),
            aggregate.explicit_hash_key.clone(),
            aggregate.data.to_vec(),
        )],
        Record::Aggregated(records) => records
            .into_iter()
            .map(|record| {
                assert_eq!(record.fault, None);
                let explicit_hash_key = record.explicit_hash_key.map(|key| key.to_string());
                (
                    record.partition_key.to_string(),
                    explicit_hash_key,
                    record.data.to_vec(),
                )
            })
            .collect(),
    }
}

proptest! {
    #[test]
    fn what_is_sent_is_received_in_order(records in sent(), max_bytes in 0usize..4000) {
        let aggregates = aggregates(&records, max_bytes);
        let all: Vec<Sent> = aggregates.iter().flat_map(received).collect();
        prop_assert_eq!(all, records);
        for aggregate in &aggregates {
            prop_assert_eq!(received(aggregate).len(), aggregate.user_records);
            prop_assert!(aggregate.user_records == 1 || aggregate.data.len() <= max_bytes);
            let first = &received(aggregate)[0];
            prop_assert_eq!((&first.0, &first.1), (&aggregate.partition_key, &aggregate.explicit_hash_key));
        }
    }

    #[test]
    fn a_single_record_that_is_itself_an_aggregate_is_not_opened_twice(records in sent()) {
        let inner = aggregates(&records, MAX_RECORD_BYTES);
        for aggregate in &inner {
            let outer = [("outer".to_owned(), None, aggregate.data.to_vec())];
            prop_assert_eq!(received(&aggregates(&outer, 0)[0]), outer);
        }
    }

    #[test]
    fn any_bytes_decode_without_panic(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(decode(&Bytes::from(bytes)), Record::Plain);
    }

    #[test]
    fn any_message_decodes_without_panic(message in vec(any::<u8>(), 0..400)) {
        let data = craft::sealed(&message);
        if let Record::Aggregated(records) = decode(&data) {
            let bytes: usize = records.iter().map(|record| record.data.len()).sum();
            prop_assert!(bytes <= data.len());
        }
    }

    #[test]
    fn a_truncated_aggregate_is_plain(records in sent(), cut in any::<prop::sample::Index>()) {
        for aggregate in aggregates(&records, MAX_RECORD_BYTES) {
            let length = cut.index(aggregate.data.len().max(1));
            prop_assert_eq!(decode(&aggregate.data.slice(..length)), Record::Plain);
        }
    }

    #[test]
    fn a_corrupted_aggregate_is_plain(
        records in sent(), place in any::<prop::sample::Index>(), change in 1u8..,
    ) {
        for aggregate in aggregates(&records, MAX_RECORD_BYTES) {
            let mut bytes = aggregate.data.to_vec();
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] ^= change;
                prop_assert_eq!(decode(&bytes.into()), Record::Plain);
            }
        }
    }

    #[test]
    fn a_fresh_message_decodes_as_the_fields_say(
        keys in vec("[a-z]{0,5}", 1..5), records in vec((0u64..5, vec(any::<u8>(), 0..20)), 0..20),
    ) {
        let mut message: Vec<u8> = keys.iter().flat_map(|key| craft::delimited(1, key.as_bytes())).collect();
        message.extend(records.iter().flat_map(|(index, data)| craft::record(*index, None, data)));
        if !message.is_empty() {
            let Record::Aggregated(decoded) = decode(&craft::sealed(&message)) else { panic!("an aggregate") };
            prop_assert_eq!(decoded.len(), records.len());
            for (decoded, (index, data)) in decoded.iter().zip(&records) {
                prop_assert_eq!(&decoded.data[..], &data[..]);
                let key = keys.get(*index as usize);
                prop_assert_eq!(decoded.fault.is_none(), key.is_some());
                prop_assert_eq!(&*decoded.partition_key, key.map_or("", |key| key));
            }
        }
    }
}
