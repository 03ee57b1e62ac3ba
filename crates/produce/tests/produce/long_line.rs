//! Long lines keep to the limits of calls and records. A line beyond them stops the replay, with a way to go on.

use twinlake_kpl::MAX_RECORD_BYTES;
use twinlake_produce::production::End;

use crate::moody::Moody;
use crate::replaying::{BY_NAME, BY_POSITION, Place, told};

/// The number at the end of each line in the stream, in order.
fn numbers(stream: &Moody) -> Vec<u64> {
    let number = |data: &[u8]| {
        let tail = String::from_utf8_lossy(&data[data.len().saturating_sub(10)..]).into_owned();
        tail.rsplit(',').next().unwrap().parse().unwrap()
    };
    let mut numbers: Vec<u64> = stream
        .events()
        .iter()
        .map(|(_, data)| number(data))
        .collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn long_lines_are_sent_within_the_limits_of_a_call() {
    let long = "x".repeat(900_000);
    let line = |number: u64| match number % 3 {
        0 => format!("d,\"{long}\",{number}\n"),
        _ => format!("d,b,{number}\n"),
    };
    let place = Place::new("none", BY_POSITION, (0..60).map(line).collect::<String>());
    for options in [&[][..], &["--no-aggregation"]] {
        let stream = Moody::new(1);
        place.replay(&stream, options, 0).unwrap();
        assert_eq!(numbers(&stream), (0..60).collect::<Vec<_>>());
    }
}

#[test]
fn a_line_that_no_record_takes_stops_the_replay_behind_what_stands_before_it() {
    let too_long = format!("d,{},2", "x".repeat(2 * MAX_RECORD_BYTES));
    let place = Place::new(
        "none",
        BY_POSITION,
        format!("d,b,0\n\nd,\"b\n\",1\n{too_long}\nd,b,3\n"),
    );
    for options in [&[][..], &["--no-aggregation"]] {
        let stream = Moody::new(1);
        let replayed = place.replay(&stream, options, 0).unwrap();
        let End::Failed(error) = replayed.outcome.end else {
            panic!("the long line should have stopped the replay");
        };
        let error = told(&error);
        let size = format!("{} bytes and is not sent", too_long.len());
        assert!(
            error.contains("line 5 of ") && error.contains(&size) && error.contains("--skip 3"),
            "{error}"
        );
        assert_eq!(numbers(&stream), [0, 1]);

        let again = place
            .replay(&stream, &[options, &["--resume"]].concat(), 0)
            .unwrap();
        assert!(matches!(again.outcome.end, End::Failed(_)));
        assert_eq!(numbers(&stream), [0, 1], "nothing is sent twice");

        let behind = place
            .replay(
                &stream,
                &[options, &["--resume", "--skip", "3"]].concat(),
                0,
            )
            .unwrap();
        assert!(matches!(behind.outcome.end, End::Complete));
        assert_eq!(numbers(&stream), [0, 1, 3]);
        assert!(!place.state().exists(), "a complete replay leaves no state");
    }
}

#[test]
fn partition_key_and_header_count() {
    let line = |length: usize| format!("d,block,{}7", "0".repeat(length - "d,block,7".len()));
    let with_key = MAX_RECORD_BYTES - "block".len();
    let header = "Date,Block,Ward\n";
    for (kind, columns, file, limit) in [
        ("none", BY_POSITION, "", with_key),
        ("record", BY_NAME, header, with_key - header.len()),
    ] {
        for (length, is_taken) in [(limit, true), (limit + 1, false)] {
            let place = Place::new(kind, columns, format!("{file}{}", line(length)));
            for plain in [&["--no-aggregation"][..], &[]] {
                let stream = Moody::new(1);
                let options = [&["--partition-key", "block"], plain].concat();
                let replayed = place.replay(&stream, &options, 0).unwrap();
                assert_eq!(matches!(replayed.outcome.end, End::Complete), is_taken);
                assert_eq!(stream.events().len(), usize::from(is_taken));
            }
        }
    }
}
