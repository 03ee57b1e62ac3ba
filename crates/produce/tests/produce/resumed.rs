//! An interrupted replay goes on where it ended, and only as the replay that it was.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use async_trait::async_trait;
use proptest::prelude::*;
use twinlake_lake::{Error, ErrorKind, Result};
use twinlake_produce::kinesis::{Put, Stream};
use twinlake_produce::packing::{Outgoing, Shard};
use twinlake_produce::production::End;
use twinlake_produce::replay::journal::State;

use crate::moody::Moody;
use crate::replaying::{BY_POSITION, Place, Replayed};

fn file(lines: u64) -> String {
    let line = |number| format!("01/01/2018 12:00:00 AM,\"B\n{}\",{number}\r\n", number % 5);
    (0..lines).map(line).collect()
}

fn place(lines: u64) -> Place {
    Place::new("none", BY_POSITION, file(lines))
}

/// Replays with interruptions until no line is left. Returns the number of interruptions.
fn replay_to_the_end(place: &Place, stream: &Moody, options: &[&str], calls: &[usize]) -> usize {
    let mut options = options.to_vec();
    options.push("--resume");
    for (interruptions, calls) in calls.iter().cycle().enumerate() {
        let replayed = place.interrupted(stream, &options, 0, *calls).unwrap();
        match replayed.outcome.end {
            End::Complete => return interruptions,
            End::Interrupted => {}
            End::Failed(error) => panic!("{error}"),
        }
    }
    unreachable!("the interruptions repeat for ever")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn interrupted_anywhere_it_sends_each_line_once(
        lines in 1_u64..3_000,
        seed: u64,
        calls in prop::collection::vec(1_usize..20, 1..5),
        plain: bool,
        by_block: bool,
        skip in 0_u64..100,
        events in prop::option::of(0_u64..3_000),
        rate in prop::option::of(1_000_u32..100_000),
    ) {
        let place = place(lines);
        let stream = Moody::new(seed);
        let (skip_text, events_text) = (skip.to_string(), events.map(|events| events.to_string()));
        let rate = rate.map(|rate| rate.to_string());
        let mut options = vec!["--skip", &skip_text];
        options.extend(plain.then_some("--no-aggregation"));
        options.extend(by_block.then_some(["--partition-key", "block"]).iter().flatten());
        options.extend(events_text.as_deref().map(|events| ["--events", events]).iter().flatten());
        options.extend(rate.as_deref().map(|rate| ["--rate", rate]).iter().flatten());
        replay_to_the_end(&place, &stream, &options, &calls);

        let number = |data: &[u8]| {
            let text = std::str::from_utf8(data).unwrap();
            text.rsplit(',').next().unwrap().parse::<u64>().unwrap()
        };
        let mut sent: Vec<u64> = stream.events().iter().map(|(_, data)| number(data)).collect();
        if by_block {
            for of_key in stream.events_by_key().values() {
                prop_assert!(of_key.is_sorted_by_key(|data| number(data)));
            }
        }
        sent.sort_unstable();
        let end = events.map_or(lines, |events| lines.min(skip + events));
        prop_assert_eq!(sent, (skip..end).collect::<Vec<_>>());
    }
}

#[test]
fn it_is_really_interrupted() {
    let (place, stream) = (place(10_000), Moody::new(1));
    let interruptions = replay_to_the_end(&place, &stream, &["--no-aggregation"], &[5]);
    assert!(interruptions >= 2, "{interruptions}");
    assert_eq!(stream.events().len(), 10_000);
}

/// A stream that refuses every call after the first few.
struct Closing {
    stream: Moody,
    calls: AtomicUsize,
}

#[async_trait]
impl Stream for Closing {
    async fn open_shards(&self) -> Result<Vec<Shard>> {
        self.stream.open_shards().await
    }

    async fn put(&self, records: &[Outgoing]) -> Result<Put> {
        if self
            .calls
            .fetch_update(Relaxed, Relaxed, |calls| calls.checked_sub(1))
            .is_err()
        {
            return Err(Error::new(
                ErrorKind::Refused,
                "put",
                "records",
                "the credentials are no longer valid",
            ));
        }
        self.stream.put(records).await
    }
}

#[test]
fn after_an_end_without_notice_only_the_last_lines_are_sent_again() {
    let (place, rate) = (place(3_000), 100);
    let stream = Closing {
        stream: Moody::new(2),
        calls: AtomicUsize::new(50),
    };
    assert!(place.replay(&stream, &["--rate", "100"], 0).is_err());
    let sent = stream.stream.events().len() as u64;
    let state = State::read(&place.state()).unwrap().unwrap();
    let noted = state.progress.sent;
    assert!(
        noted > 0 && noted <= sent && sent - noted < 10 * rate,
        "{noted} of {sent} are noted"
    );

    let resumed = place.replay(&stream.stream, &["--resume"], 0).unwrap();
    assert_eq!(resumed.outcome.tally.events, 3_000 - noted);
    let distinct: BTreeSet<_> = stream.stream.events().into_iter().collect();
    assert_eq!(distinct.len(), 3_000);
}

/// An interrupted replay: its place and its stream.
fn interrupted(options: &[&str]) -> (Place, Moody) {
    let (place, stream) = (place(10_000), Moody::new(1));
    let replayed = place.interrupted(&stream, options, 0, 3).unwrap();
    assert!(matches!(replayed.outcome.end, End::Interrupted));
    (place, stream)
}

#[test]
fn a_changed_file_is_refused() {
    let (place, stream) = interrupted(&[]);
    let sent = stream.events().len();
    place.write(file(10_001));
    let error = place.refusal(&stream, &["--resume"]);
    assert!(error.contains("its length in bytes: "), "{error}");
    let mut other_start = file(10_000).into_bytes();
    other_start[3] = b'2';
    place.write(other_start);
    let error = place.refusal(&stream, &["--resume"]);
    assert!(error.contains("SHA-256 of its first 64 KiB"), "{error}");
    assert_eq!(stream.events().len(), sent);

    place.write(file(10_000));
    place.replay(&stream, &["--resume"], 0).unwrap();
    assert_eq!(stream.events().len(), 10_000);
}

#[test]
fn other_options_are_refused() {
    let (place, stream) = interrupted(&["--partition-key", "block"]);
    for (options, difference) in [
        (
            &["--partition-key", "ward"][..],
            "--partition-key: block before, ward now",
        ),
        (
            &["--partition-key", "block", "--events", "9"],
            "--events: none before, 9 now",
        ),
        (
            &["--partition-key", "block", "--times", "now"],
            "columns moved to now: none before",
        ),
        (
            &["--partition-key", "block", "--stream", "other"],
            "stream: twinlake-crimes",
        ),
    ] {
        let error = place.refusal(&stream, &[options, &["--resume"]].concat());
        assert!(error.contains(difference), "{error}");
    }
    let how = [
        "--partition-key",
        "block",
        "--no-aggregation",
        "--rate",
        "100000",
        "--resume",
    ];
    place.replay(&stream, &how, 0).unwrap();
    assert_eq!(
        stream.events().len(),
        10_000,
        "rate and aggregation may change"
    );
}

#[test]
fn the_user_hears_where_it_begins() {
    let note = |replayed: Replayed| replayed.note.unwrap_or_default();
    let (place, stream) = interrupted(&[]);
    let sent = stream.events().len();
    let again = place.interrupted(&stream, &[], 0, 1).unwrap();
    assert!(note(again).contains(&format!("had sent {sent} lines")));

    let (place, stream) = interrupted(&["--skip", "10"]);
    let sent = stream.events().len();
    let resumed = place.replay(&stream, &["--resume"], 0).unwrap();
    let expected = format!("going on behind the first {} lines", sent + 10);
    assert!(note(resumed).starts_with(&expected));
}

#[test]
fn without_a_state_it_begins_with_the_first_line() {
    let (place, stream) = (place(10), Moody::new(1));
    let replayed = place.replay(&stream, &["--resume"], 0).unwrap();
    assert!(
        replayed
            .note
            .unwrap()
            .starts_with("no interrupted replay of ")
    );
    assert_eq!(replayed.outcome.tally.events, 10);
}
