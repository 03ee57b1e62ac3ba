//! An invocation, from payload to response.

use std::time::Instant;

use twinlake_pipeline::UserRecord;
use twinlake_telemetry::Phases;

use crate::answer::{Answers, MAX_RESPONSE_BYTES, Response};
use crate::context::Context;
use crate::error::Error;
use crate::event::Event;
use crate::received::{Received, received};
use crate::summary::Summary;

/// The number of user records that are decoded together: enough to spread the cost of a batch, and few enough that
/// hostile aggregates do not add up in memory.
const DECODED_TOGETHER: usize = 16_384;

/// Turns the records of an event into raw rows, and logs a summary.
///
/// # Errors
/// If the payload is not what Firehose sends for a Kinesis source. No content of a record leads to an error.
pub fn handle(context: &Context, payload: &str) -> Result<Response, Error> {
    let mut phases = Phases::start();
    let since = Instant::now();
    let event: Event<'_> = serde_json::from_str(payload)?;
    let ids = event.records.iter().map(|record| &*record.record_id);
    let mut answers = Answers::new(ids, MAX_RESPONSE_BYTES);
    let received = received(&event)?;
    let mut summary = Summary::of(&received);
    phases.add("preprocess.payload", since);
    let since = Instant::now();
    let mut group = Group::default();
    for (index, record) in received.iter().enumerate() {
        group.add(record);
        if group.user_records.len() >= DECODED_TOGETHER {
            group.answer(context, index + 1, &mut answers, &mut summary);
        }
    }
    group.answer(context, event.records.len(), &mut answers, &mut summary);
    phases.add("preprocess.decode", since);
    let response = answers.finish();
    summary.add_refused(&response);
    summary.emit(&phases);
    Ok(response)
}

/// Records that are decoded together. The next group uses its buffers again.
#[derive(Default)]
struct Group {
    user_records: Vec<UserRecord>,
    /// The end of each record's user records.
    ends: Vec<usize>,
    rows: Vec<u8>,
    /// The end of each user record's rows.
    row_ends: Vec<usize>,
}

impl Group {
    fn add(&mut self, record: &Received) {
        record.deaggregate_into(&mut self.user_records);
        self.ends.push(self.user_records.len());
    }

    /// Answers the group's records, the last of the event's records before index `until`, and empties the group.
    fn answer(
        &mut self,
        context: &Context,
        until: usize,
        answers: &mut Answers,
        summary: &mut Summary,
    ) {
        self.write_rows(context, summary);
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

    fn write_rows(&mut self, context: &Context, summary: &mut Summary) {
        let definition = |record: &UserRecord| context.index_at(record.arrival_ms);
        for records in self
            .user_records
            .chunk_by(|a, b| definition(a) == definition(b))
        {
            let (decoder, format) = context.definition(definition(&records[0]));
            let decoded = decoder.decode(records);
            summary.add_decoded(&decoded);
            format.write(records, &decoded, &mut self.rows, &mut self.row_ends);
        }
    }
}
