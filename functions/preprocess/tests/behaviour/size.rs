//! The size of a response: rows that fit, and rows that do not.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use preprocess::answer::{MAX_RESPONSE_BYTES, RecordResult};
use serde_json::Value;
use twinlake_pipeline::MAX_ROWS_BYTES;

use crate::fixture::{aggregate, answer, event, plain, rows_of};

/// A record that is rejected, so that its row holds its bytes in base64.
fn large(number: u32, bytes: usize) -> Value {
    plain(number, &vec![b'x'; bytes])
}

#[test]
fn rows_that_do_not_fit_are_refused_and_later_ones_that_fit_are_not() {
    // Each mebibyte becomes 1.4 MB of row and 1.9 MB of answer: three fit.
    let mut records: Vec<_> = (0..5).map(|number| large(number, 1 << 20)).collect();
    records.push(plain(5, &event("small")));
    let response = answer(&records);

    let results: Vec<_> = response
        .records
        .iter()
        .map(|answer| answer.result)
        .collect();
    let (ok, failed) = (RecordResult::Ok, RecordResult::ProcessingFailed);
    assert_eq!(results, [ok, ok, ok, failed, failed, ok]);
    assert!(
        response
            .records
            .iter()
            .all(|answer| answer.data.is_some() == (answer.result == ok))
    );
    assert_eq!(
        rows_of(response.records[5].data.as_deref().unwrap())[0]["id"],
        "small"
    );
    let bytes = serde_json::to_vec(&response).unwrap().len();
    assert!(bytes <= MAX_RESPONSE_BYTES, "{bytes}");
}

#[test]
fn an_aggregate_of_too_many_rows_is_one_rejected_record_with_its_bytes() {
    let aggregate = aggregate(&vec![b"x".to_vec(); 100_000]);
    let response = answer(&[plain(1, &aggregate), plain(2, &event("after"))]);
    let rows = response.records.iter().map(|answer| {
        assert_eq!(answer.result, RecordResult::Ok);
        rows_of(answer.data.as_deref().unwrap())
    });
    let [first, second]: [Vec<_>; 2] = rows.collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(first[0]["_subsequence_number"], 0);
    assert_eq!(first[0]["_bytes"], BASE64_STANDARD.encode(&aggregate));
    let reason = first[0]["_reject"].as_str().unwrap();
    assert!(
        reason.contains("holds 100000 events and rejected"),
        "{reason}"
    );
    assert_eq!(second[0]["id"], "after");
}

/// Whatever a stream record holds, its rows fit into an answer: they are as large as the decode has computed, so that no
/// record is rejected without need.
#[test]
fn rows_below_the_limit_are_answered() {
    let parts: [(&str, Vec<u8>); 4] = [
        ("tiny rejected", b"x".to_vec()),
        ("small events", event("7")),
        (
            "events with every column",
            br#"{"id":"meter-7","count":-2147483648,"total":9223372036854775807,"temp":21.123456789012345,"open":false,
                "seen":"2026-11-20 12:00:00","built":"2026-11-20"}"#
                .to_vec(),
        ),
        ("escaped text", br#"{"id":"\u0001\u0002\"\\"}"#.to_vec()),
    ];
    for (name, part) in parts {
        let rows = |count: usize| {
            let response = answer(&[plain(1, &aggregate(&vec![part.clone(); count]))]);
            assert_eq!(response.records[0].result, RecordResult::Ok, "{name}");
            let text = BASE64_STANDARD.decode(response.records[0].data.as_deref().unwrap());
            let text = text.unwrap();
            (
                text.iter().filter(|byte| **byte == b'\n').count(),
                text.len(),
            )
        };
        // A stream record holds a mebibyte.
        let most = (1 << 20) / (part.len() + 16);
        if rows(most).0 == most {
            continue;
        }
        // The largest number of parts whose rows are kept.
        let (mut kept, mut rejected) = (1, most);
        while rejected - kept > 64 {
            let middle = usize::midpoint(kept, rejected);
            match rows(middle).0 {
                1 => rejected = middle,
                _ => kept = middle,
            }
        }
        let (count, bytes) = rows(kept);
        assert_eq!(count, kept, "{name}");
        let share = bytes * 100 / MAX_ROWS_BYTES;
        assert!(
            (97..=100).contains(&share),
            "{name}: {count} rows, {share} % of the limit"
        );
    }
}

#[test]
fn small_records_fill_the_response_to_its_limit() {
    let records: Vec<_> = (0..20_000)
        .map(|number| plain(number, &event(number)))
        .collect();
    let response = answer(&records);
    assert_eq!(response.records.len(), records.len());
    let bytes = serde_json::to_vec(&response).unwrap().len();
    assert!(
        bytes <= MAX_RESPONSE_BYTES && bytes > MAX_RESPONSE_BYTES - 1_000,
        "{bytes}"
    );
    let refused = response
        .records
        .iter()
        .skip_while(|answer| answer.result == RecordResult::Ok);
    assert!(refused.count() > 0);
}
