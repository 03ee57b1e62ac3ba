//! User records are packed up to the size, and no further.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use twinlake_kpl::{Aggregator, MAX_RECORD_BYTES, Record, TooLarge, decode};

#[test]
fn nothing_collected_is_nothing_to_send() {
    let mut aggregator = Aggregator::default();
    assert!(aggregator.is_empty());
    assert_eq!(aggregator.finish(), None);
}

#[test]
fn repeated_keys_are_written_once() {
    let mut aggregator = Aggregator::default();
    let key = "k".repeat(200);
    for _ in 0..100 {
        assert_eq!(
            aggregator
                .add(
                    &key,
                    Some("12345678901234567890"),
                    Bytes::from_static(b"{}")
                )
                .unwrap(),
            None
        );
    }
    assert_eq!(aggregator.len(), 100);
    let size = aggregator.size_bytes();
    let aggregate = aggregator.finish().unwrap();
    assert_eq!(aggregate.data.len(), size);
    assert!(size < 100 * 12 + 300, "{size}");
}

#[test]
fn a_full_aggregate_is_returned_before_the_record_that_does_not_fit() {
    let mut aggregator = Aggregator::new(1_000);
    let mut full = None;
    let mut added = 0;
    while full.is_none() {
        full = aggregator
            .add("key", None, Bytes::from(vec![b'x'; 50]))
            .unwrap();
        added += 1;
    }
    let full = full.unwrap();
    assert_eq!(full.user_records, added - 1);
    assert!(
        full.data.len() <= 1_000 && full.data.len() > 900,
        "{}",
        full.data.len()
    );
    assert_eq!(aggregator.len(), 1);
}

#[test]
fn a_record_that_stays_alone_is_sent_as_it_is() {
    let mut aggregator = Aggregator::default();
    aggregator
        .add("key", Some("9"), Bytes::from_static(b"alone"))
        .unwrap();
    let aggregate = aggregator.finish().unwrap();
    assert_eq!(&aggregate.data[..], b"alone");
    assert_eq!(
        (
            &*aggregate.partition_key,
            aggregate.explicit_hash_key.as_deref()
        ),
        ("key", Some("9"))
    );
}

#[test]
fn a_record_of_the_largest_size_goes_alone_and_one_byte_more_is_refused() {
    let mut aggregator = Aggregator::new(MAX_RECORD_BYTES);
    aggregator
        .add("key", None, Bytes::from_static(b"before"))
        .unwrap();
    let largest = Bytes::from(vec![b'x'; MAX_RECORD_BYTES - 3]);
    let before = aggregator
        .add("key", None, largest.clone())
        .unwrap()
        .unwrap();
    assert_eq!(&before.data[..], b"before");

    let beyond = aggregator.add("keys", None, largest.clone());
    assert_eq!(
        beyond,
        Err(TooLarge {
            data: MAX_RECORD_BYTES - 3,
            partition_key: 4
        })
    );
    assert_eq!(
        aggregator.finish().unwrap().data,
        largest,
        "what was collected stays"
    );
}

#[test]
fn an_aggregate_that_does_not_fit_wrapped_is_refused() {
    let mut inner = Aggregator::new(MAX_RECORD_BYTES);
    inner.add("", None, Bytes::new()).unwrap();
    let room = MAX_RECORD_BYTES - inner.size_bytes() - 10;
    inner.add("", None, Bytes::from(vec![0; room])).unwrap();
    let inner = inner.finish().unwrap();
    assert_eq!(inner.user_records, 2);
    assert_ne!(decode(&inner.data), Record::Plain);

    // Sent as it is it would fit, but would be read as the records inside.
    assert!(inner.data.len() <= MAX_RECORD_BYTES);
    assert!(Aggregator::default().add("", None, inner.data).is_err());
}
