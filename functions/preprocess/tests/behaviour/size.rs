//! The size of a response: rows that fit, and rows that do not.

use preprocess::answer::{MAX_RESPONSE_BYTES, RecordResult};
use serde_json::Value;

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
fn an_aggregate_is_refused_whole() {
    let tiny = vec![b"x".to_vec(); 100_000];
    let response = answer(&[plain(1, &aggregate(&tiny)), plain(2, &event("after"))]);
    let results: Vec<_> = response
        .records
        .iter()
        .map(|answer| answer.result)
        .collect();
    assert_eq!(results, [RecordResult::ProcessingFailed, RecordResult::Ok]);
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
