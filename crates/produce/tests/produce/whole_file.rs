//! A file arrives complete, and the lines of each partition key in their order, whatever the stream rejects.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use proptest::prelude::*;
use twinlake_produce::production::End;

use crate::moody::Moody;
use crate::replaying::{BY_POSITION, Place};

/// Lines of seven blocks, chosen by the numbers, no two alike.
fn lines(blocks: &[u8]) -> Vec<String> {
    let line = |(number, block): (usize, &u8)| {
        format!("01/01/2018 12:00:00 AM,\"BLOCK, {}\",{number}", block % 7)
    };
    blocks.iter().enumerate().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn every_line_arrives_once_and_in_the_order_of_its_key(
        blocks in prop::collection::vec(any::<u8>(), 0..3_000),
        seed: u64,
        plain: bool,
        rate in prop::option::of(1_000_u32..100_000),
    ) {
        let lines = lines(&blocks);
        let place = Place::new("none", BY_POSITION, lines.join("\n"));
        let stream = Moody::new(seed);
        let rate = rate.map(|rate| rate.to_string());
        let mut options = vec!["--partition-key", "block"];
        options.extend(plain.then_some("--no-aggregation"));
        options.extend(rate.as_deref().map(|rate| ["--rate", rate]).iter().flatten());

        let replayed = place.replay(&stream, &options, 0).unwrap();
        prop_assert!(matches!(replayed.outcome.end, End::Complete));
        prop_assert_eq!(replayed.outcome.tally.events, lines.len() as u64);
        prop_assert_eq!(replayed.left, Some(lines.len() as u64));
        let mut expected: BTreeMap<String, Vec<Bytes>> = BTreeMap::new();
        for (line, block) in lines.iter().zip(&blocks) {
            let of_block = expected.entry(format!("BLOCK, {}", block % 7)).or_default();
            of_block.push(line.clone().into());
        }
        prop_assert_eq!(stream.events_by_key(), expected);
    }
}

#[test]
fn without_a_key_lines_spread_over_the_shards_and_alike_each_time() {
    let place = Place::new("none", BY_POSITION, lines(&[0; 2_000]).join("\n"));
    let keys = || {
        let stream = Moody::new(3);
        place.replay(&stream, &[], 0).unwrap();
        let low = stream
            .taken()
            .iter()
            .filter(|record| record.shard.as_deref() == Some("low"))
            .map(|record| record.events)
            .sum::<usize>();
        assert!(
            (800..1_200).contains(&low),
            "{low} of 2,000 lines on one of two shards"
        );
        stream.events().into_iter().collect::<BTreeSet<_>>()
    };
    assert_eq!(keys(), keys());
}

#[test]
fn the_first_lines_are_passed_over_and_only_so_many_sent() {
    let lines = lines(&[0; 10]);
    let place = Place::new("none", BY_POSITION, lines.join("\n"));
    let sent = |options: &[&str]| {
        let stream = Moody::new(1);
        let replayed = place.replay(&stream, options, 0).unwrap();
        assert_eq!(replayed.left, Some(replayed.outcome.tally.events));
        let mut sent: Vec<String> = stream
            .events()
            .into_iter()
            .map(|(_, data)| String::from_utf8(data.to_vec()).unwrap())
            .collect();
        sent.sort();
        sent
    };
    assert_eq!(sent(&["--skip", "3", "--events", "2"]), lines[3..5]);
    assert_eq!(sent(&["--skip", "8", "--events", "5"]), lines[8..]);
    assert_eq!(sent(&["--skip", "10"]), [""; 0]);
    assert_eq!(sent(&["--events", "0"]), [""; 0]);
}
