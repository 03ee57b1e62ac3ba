//! The form of a file does not matter: packed or not, with any line ends and quotes.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::moody::Moody;
use crate::replaying::{BY_POSITION, Place};

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// The events sent of a file, in the order of its lines.
fn sent(file: &[u8]) -> Vec<Vec<u8>> {
    let place = Place::new("none", BY_POSITION, file);
    let stream = Moody::new(1);
    let replayed = place.replay(&stream, &["--no-aggregation"], 0).unwrap();
    assert_eq!(replayed.left, Some(replayed.outcome.tally.events));
    let mut events = stream.events();
    events.sort_by_key(|(key, _)| key.parse::<u64>().unwrap());
    events.into_iter().map(|(_, data)| data.to_vec()).collect()
}

#[test]
fn gzip_and_plain_give_the_same() {
    let line = |number: u32| format!("01/01/2018 12:00:00 AM,\"B,\n{number}\",{number}\n");
    let file: String = (0..2_000).map(line).collect();
    let lines = sent(file.as_bytes());
    assert_eq!(lines.len(), 2_000);
    assert_eq!(sent(&packed(file.as_bytes())), lines);
    let (first, second) = file.as_bytes().split_at(file.len() / 3);
    assert_eq!(sent(&[packed(first), packed(second)].concat()), lines);
}

#[test]
fn lines_are_sent_with_their_bytes_as_they_stand() {
    let file = b"\xef\xbb\xbfa,\"b\r\n\"\"c\n\n\"\r\n\n\r\n  \n\xff\xfe,\"x\"y\",\t\r\n\"open,1\nlast,\"2\"";
    let expected: [&[u8]; 5] = [
        b"a,\"b\r\n\"\"c\n\n\"",
        b"  ",
        b"\xff\xfe,\"x\"y\",\t",
        b"\"open,1",
        b"last,\"2\"",
    ];
    assert_eq!(sent(file), expected);
}

#[test]
fn a_stray_quote_swallows_no_lines() {
    let lines: Vec<String> = (0..3_000)
        .map(|number| format!("date,block {number},{number}"))
        .collect();
    let mut file = lines.clone();
    file[10] = "date,\"block 10,10".to_owned();
    let expected: Vec<_> = file.iter().map(|line| line.clone().into_bytes()).collect();
    assert_eq!(sent(file.join("\n").as_bytes()), expected);
}

#[test]
fn a_packed_file_that_breaks_off_is_refused_before_anything_is_sent() {
    let mut file = packed("a,b,1\n".repeat(10_000).as_bytes());
    file.truncate(file.len() - 4);
    let place = Place::new("none", BY_POSITION, file);
    let stream = Moody::new(1);
    let error = place.refusal(&stream, &[]);
    assert!(error.contains("lines.csv"), "{error}");
    assert!(stream.events().is_empty());
}

#[test]
fn a_file_without_lines_sends_nothing() {
    assert!(sent(b"").is_empty());
    assert!(sent(b"\r\n\n").is_empty());
}
