//! The response to Firehose, within the size that Lambda carries.
//!
//! The response types of `aws_lambda_events` do not fit: they add partition keys to each record and encode base64 as they
//! are written, so that the response's size is not known before.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;

/// The most bytes of a response's JSON. Lambda refuses responses of more than 6,291,556 bytes; the difference is the
/// margin.
pub const MAX_RESPONSE_BYTES: usize = 6_000_000;

/// The bytes of a response's JSON without any answer.
const ENVELOPE_BYTES: usize = r#"{"records":[]}"#.len();

/// The response: an answer to each record, in the order of the event.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    /// The answers.
    pub records: Vec<Answer>,
}

/// The answer to one record.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The record's id, from the event.
    pub record_id: String,
    /// The result, which says whether `data` replaces the record.
    pub result: RecordResult,
    /// The record's rows in base64; `None` if they did not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// Firehose's `result`. Its third value, `Dropped`, is never answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RecordResult {
    /// `data` holds the record's rows.
    Ok,
    /// The rows did not fit into the response: Firehose writes the record to its error prefix.
    ProcessingFailed,
}

/// Collects answers up to a size. Where the rows of a record do not fit, later ones that do are still taken.
///
/// Room for refusing every record is set aside from the start. It never exceeds the limit by itself: the event held
/// more than that for each record, under the same limit.
#[derive(Debug)]
pub struct Answers {
    answers: Vec<Answer>,
    bytes: usize,
    max_bytes: usize,
}

impl Answers {
    /// No answers yet, to records of these ids, in a response of at most `max_bytes`.
    pub fn new<'a>(record_ids: impl IntoIterator<Item = &'a str>, max_bytes: usize) -> Self {
        let answers: Vec<_> = record_ids.into_iter().map(Answer::refusal).collect();
        let commas = answers.len().saturating_sub(1);
        let bytes = ENVELOPE_BYTES + commas + answers.iter().map(json_bytes).sum::<usize>();
        Self {
            answers,
            bytes,
            max_bytes,
        }
    }

    /// Answers the record of this index with its rows, if they fit.
    pub fn accept(&mut self, index: usize, rows: &[u8]) {
        let answer = &mut self.answers[index];
        let others = self.bytes - json_bytes(answer);
        let accepted = Answer {
            record_id: std::mem::take(&mut answer.record_id),
            result: RecordResult::Ok,
            data: Some(String::new()),
        };
        let bytes = others + json_bytes(&accepted) + rows.len().div_ceil(3) * 4;
        if bytes <= self.max_bytes {
            self.bytes = bytes;
            *answer = Answer {
                data: Some(BASE64_STANDARD.encode(rows)),
                ..accepted
            };
        } else {
            answer.record_id = accepted.record_id;
        }
    }

    /// The response. A record that was not answered, or whose rows did not fit, is refused in it.
    pub fn finish(self) -> Response {
        Response {
            records: self.answers,
        }
    }
}

impl Answer {
    fn refusal(record_id: &str) -> Self {
        Self {
            record_id: record_id.to_owned(),
            result: RecordResult::ProcessingFailed,
            data: None,
        }
    }
}

fn json_bytes(answer: &Answer) -> usize {
    serde_json::to_vec(answer)
        .expect("an answer is plain JSON")
        .len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn size(response: &Response) -> usize {
        serde_json::to_vec(response).unwrap().len()
    }

    #[test]
    fn the_size_is_that_of_the_json() {
        let (ids, rows) = (["1", "quoted \"2\"", "3", "4"], ["", "x", "xy", "xyz\n"]);
        for count in 0..=rows.len() {
            let mut answers = Answers::new(ids[..count].iter().copied(), 10_000);
            for (index, rows) in rows[..count].iter().enumerate() {
                answers.accept(index, rows.as_bytes());
            }
            let bytes = answers.bytes;
            assert_eq!(bytes, size(&answers.finish()));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_fits_after_it_is_not() {
        let rows: [&[u8]; 3] = [&[b'a'; 100], &[b'b'; 900], &[b'c'; 100]];
        let mut answers = Answers::new(["1", "2", "3"], 600);
        for (index, rows) in rows.iter().enumerate() {
            answers.accept(index, rows);
        }
        let response = answers.finish();
        assert!(size(&response) <= 600);
        let results: Vec<_> = response
            .records
            .iter()
            .map(|answer| answer.result)
            .collect();
        assert_eq!(
            results,
            [
                RecordResult::Ok,
                RecordResult::ProcessingFailed,
                RecordResult::Ok
            ]
        );
        assert_eq!(response.records[1].record_id, "2");
    }

    #[test]
    fn the_limit_is_exact() {
        let fill = |max_bytes| {
            let mut answers = Answers::new(["1"], max_bytes);
            answers.accept(0, b"abcdef");
            answers.finish()
        };
        let bytes = size(&fill(1_000));
        assert_eq!(fill(bytes).records[0].result, RecordResult::Ok);
        assert_eq!(
            fill(bytes - 1).records[0].result,
            RecordResult::ProcessingFailed
        );
    }

    #[test]
    fn the_json_is_what_firehose_reads() {
        let mut answers = Answers::new(["1", "2"], 115);
        answers.accept(0, b"{}\n");
        answers.accept(1, &[0; 100]);
        assert_eq!(
            serde_json::to_string(&answers.finish()).unwrap(),
            r#"{"records":[{"recordId":"1","result":"Ok","data":"e30K"},{"recordId":"2","result":"ProcessingFailed"}]}"#
        );
    }
}
