//! An invocation, from payload to response.

use twinlake_pipeline::UserRecord;

use crate::answer::{Answer, Answers, MAX_RESPONSE_BYTES, Response, Verdict};
use crate::context::Context;
use crate::error::Error;
use crate::event::Event;
use crate::received::{Received, received};

/// User records that are decoded together: enough to spread the cost of a batch, and few enough that hostile
/// aggregates do not add up in memory.
const DECODED_TOGETHER: usize = 16_384;

/// Turns the records of an event into raw rows.
///
/// # Errors
/// If the payload is not what Firehose sends for a Kinesis source. No content of a record leads to an error.
pub fn handle(context: &Context, payload: &str) -> Result<Response, Error> {
    let event: Event<'_> = serde_json::from_str(payload)?;
    let ids = event.records.iter().map(|record| &*record.record_id);
    let mut answers = Answers::new(ids, MAX_RESPONSE_BYTES);
    let mut group = Group::default();
    for (index, record) in received(&event)?.iter().enumerate() {
        group.add(record);
        if group.user_records.len() >= DECODED_TOGETHER {
            group.answer(context, index + 1, &mut answers);
        }
    }
    group.answer(context, event.records.len(), &mut answers);
    let response = answers.finish();
    warn_of_refusals(&response);
    Ok(response)
}

fn warn_of_refusals(response: &Response) {
    let refused = |answer: &&Answer| answer.result == Verdict::ProcessingFailed;
    let refused = response.records.iter().filter(refused).count();
    if refused > 0 {
        tracing::warn!(
            refused,
            records = response.records.len(),
            "rows did not fit into the response"
        );
    }
}

/// Records that are decoded together. Its buffers are used again by the next group.
#[derive(Default)]
struct Group {
    user_records: Vec<UserRecord>,
    /// For each record where its user records end.
    ends: Vec<usize>,
    rows: Vec<u8>,
    /// For each user record where its rows end.
    row_ends: Vec<usize>,
}

impl Group {
    fn add(&mut self, record: &Received) {
        record.open_into(&mut self.user_records);
        self.ends.push(self.user_records.len());
    }

    /// Answers the group's records, the last of the event's records before index `until`, and empties the group.
    fn answer(&mut self, context: &Context, until: usize, answers: &mut Answers) {
        self.write_rows(context);
        let first = until - self.ends.len();
        let mut start = 0;
        for (index, &end) in self.ends.iter().enumerate() {
            let end = end.checked_sub(1).map_or(0, |last| self.row_ends[last]);
            answers.accept(first + index, &self.rows[start..end]);
            start = end;
        }
        self.user_records.clear();
        self.ends.clear();
        self.rows.clear();
        self.row_ends.clear();
    }

    fn write_rows(&mut self, context: &Context) {
        let definition = |record: &UserRecord| context.index_at(record.arrival_ms);
        for records in self
            .user_records
            .chunk_by(|a, b| definition(a) == definition(b))
        {
            let decode = context.decode(definition(&records[0]));
            let decoded = decode.decoder.decode(records);
            decode
                .rows
                .write(records, &decoded, &mut self.rows, &mut self.row_ends);
        }
    }
}
