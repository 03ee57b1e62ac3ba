//! Valid and invalid messages, and the user records of unusual ones.
#![allow(clippy::unwrap_used)]

mod craft;

use bytes::Bytes;
use craft::{delimited, number, record, sealed};
use twinlake_kpl::{Fault, Record, UserRecord, decode};

fn aggregated(message: &[u8]) -> Vec<UserRecord> {
    match decode(&sealed(message)) {
        Record::Aggregated(records) => records,
        Record::Plain => panic!("the message is valid"),
    }
}

fn assert_plain(message: &[u8]) {
    assert_eq!(decode(&sealed(message)), Record::Plain);
}

#[test]
fn without_magic_md5_or_message_it_is_plain() {
    let whole = sealed(&record(0, None, b"x"));
    assert_ne!(decode(&whole), Record::Plain);
    for data in [
        &b""[..],
        b"\xF3\x89\x9A",
        b"\xF3\x89\x9A\xC2",
        &whole[1..],
        &whole[..whole.len() - 1],
    ] {
        assert_eq!(decode(&Bytes::copy_from_slice(data)), Record::Plain);
    }
    assert_plain(b"");
}

#[test]
fn no_records_are_an_aggregate_of_none() {
    assert_eq!(aggregated(&delimited(1, b"key")), []);
}

#[test]
fn a_required_field_that_is_missing_makes_it_plain() {
    assert_plain(&delimited(3, &delimited(3, b"no partition key index")));
    assert_plain(&delimited(3, &number(1, 0)));
    assert_plain(&delimited(
        3,
        &[number(1, 0), delimited(3, b""), delimited(4, b"")].concat(),
    ));
}

#[test]
fn a_broken_message_is_plain_even_if_it_began_well() {
    let good = [delimited(1, b"key"), record(0, None, b"x")].concat();
    for tail in [
        &[0x1A][..],
        &[0x1A, 5, 8],
        &[0x80],
        &[0x00],
        &[0x07],
        &[0x1C],
        &[0x1B, 0x1A],
    ] {
        assert_plain(&[&good, tail].concat());
    }
    assert_plain(
        &[
            good,
            delimited(
                3,
                &[
                    0x1A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1,
                ],
            ),
        ]
        .concat(),
    );
}

#[test]
fn tables_may_follow_the_records() {
    let records = aggregated(
        &[
            record(1, Some(0), b"x"),
            delimited(1, b"a"),
            delimited(2, b"7"),
            delimited(1, b"b"),
        ]
        .concat(),
    );
    assert_eq!(&*records[0].partition_key, "b");
    assert_eq!(records[0].explicit_hash_key.as_deref(), Some("7"));
}

#[test]
fn unknown_fields_and_other_wire_types_are_skipped() {
    let odd = [
        delimited(9, b"unknown"),
        number(1, 3),
        vec![0x1D, 0, 0, 0, 0],
        vec![0x53, 0x08, 0x01, 0x54],
    ]
    .concat();
    let tagged = [
        number(1, 0),
        delimited(3, b"x"),
        delimited(4, &delimited(1, b"tag")),
        delimited(1, b"odd"),
    ]
    .concat();
    let records = aggregated(&[delimited(1, b"key"), odd, delimited(3, &tagged)].concat());
    assert_eq!(records.len(), 1);
    assert_eq!(
        (&*records[0].partition_key, &records[0].data[..]),
        ("key", &b"x"[..])
    );
}

#[test]
fn the_last_value_of_a_repeated_scalar_wins() {
    let twice = [
        number(1, 9),
        delimited(3, b"first"),
        number(1, 0),
        delimited(3, b"last"),
    ]
    .concat();
    let records = aggregated(&[delimited(1, b"key"), delimited(3, &twice)].concat());
    assert_eq!(
        (&*records[0].partition_key, &records[0].data[..]),
        ("key", &b"last"[..])
    );
}

#[test]
fn a_key_that_is_not_utf8_loses_nothing() {
    let records = aggregated(&[delimited(1, b"caf\xE9"), record(0, None, b"x")].concat());
    assert_eq!(&*records[0].partition_key, "caf\u{FFFD}");
    assert_eq!((&records[0].data[..], records[0].fault), (&b"x"[..], None));
}

#[test]
fn a_bad_index_is_that_records_fault_alone() {
    let message = [
        delimited(1, b"a"),
        delimited(2, b"7"),
        record(0, Some(0), b"first"),
        record(1, Some(0), b"second"),
        record(0, Some(u64::MAX), b"third"),
        record(1 << 32, Some(1), b"fourth"),
        record(0, None, b"fifth"),
    ];
    let records = aggregated(&message.concat());
    let data: Vec<&[u8]> = records.iter().map(|record| &record.data[..]).collect();
    assert_eq!(
        data,
        [&b"first"[..], b"second", b"third", b"fourth", b"fifth"]
    );
    let faults: Vec<Option<Fault>> = records.iter().map(|record| record.fault).collect();
    assert_eq!(
        faults,
        [
            None,
            Some(Fault::PartitionKeyIndex {
                index: 1,
                entries: 1
            }),
            Some(Fault::ExplicitHashKeyIndex {
                index: u64::MAX,
                entries: 1
            }),
            Some(Fault::PartitionKeyIndex {
                index: 1 << 32,
                entries: 1
            }),
            None,
        ]
    );
    assert_eq!(&*records[1].partition_key, "");
    assert_eq!(records[1].explicit_hash_key.as_deref(), Some("7"));
    assert_eq!(
        (&*records[2].partition_key, &records[2].explicit_hash_key),
        ("a", &None)
    );
    assert_eq!(
        faults[1].unwrap().to_string(),
        "partition key index 1 lies outside the aggregate's table of 1 entries"
    );
}
