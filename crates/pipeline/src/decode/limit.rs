//! The limit on the rows of one stream record.
//!
//! Raw rows are larger than what they are made of: a line of two bytes becomes a row of 400. Lambda carries 6 MB, so that a
//! stream record of nothing but such lines could never be answered by `preprocess`, and its shard would be held for ever.
//! Beyond [`MAX_ROWS_BYTES`] a stream record is one rejected record. The size is computed from what was decoded, so that
//! every layer that decodes the whole stream record judges alike.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_schema::{DataType, Field};
use arrow_select::filter::filter_record_batch;
use serde::Serialize;

use super::batch::{Decoded, Origin, Rejected};
use crate::record::UserRecord;
use crate::rows::reason::ReasonClass;

/// The most bytes of the raw rows of one stream record: in base64 they fit into a response of Lambda.
pub const MAX_ROWS_BYTES: usize = 4_400_000;

/// The bytes of a row beside its values, shard and numbers: braces, keys, quotes, a sequence number of 64 digits, a
/// definition of 16 and an arrival time of 13.
const FRAME_BYTES: usize = 192;
/// The bytes of a shard's id and of the numbers of a user record and a line, at most.
const IDENTITY_BYTES: usize = 128 + 10 + 10;
/// The bytes of a rejected record's row beside its identity, reason and bytes.
const REJECT_BYTES: usize = 24;
/// The bytes of a value that is no text, at most: a timestamp, or a double of 17 digits with sign and exponent.
const VALUE_BYTES: usize = 26;
/// The bytes of a reason, at most: 300 characters and an ellipsis.
const MAX_REASON_BYTES: usize = 4 * 301;

/// A stream record within the decoded slice: the indices of its user records, and those of its rows.
struct Group {
    users: std::ops::Range<usize>,
    events: std::ops::Range<usize>,
    rejected: std::ops::Range<usize>,
}

/// Replaces the rows of each stream record whose rows are too large by one rejected record with the stream record's bytes.
pub(super) fn limit(decoded: Decoded, records: &[UserRecord]) -> Decoded {
    let schema = decoded.events.schema();
    let values = schema.fields().iter().map(|field| value_bytes(field)).sum();
    let too_large: Vec<Group> = groups(&decoded, records)
        .filter(|group| is_too_large(&decoded, records, group, values))
        .collect();
    if too_large.is_empty() {
        return decoded;
    }
    let is_kept = |row: usize| !too_large.iter().any(|group| group.events.contains(&row));
    let kept: BooleanArray = (0..decoded.events.num_rows())
        .map(|row| Some(is_kept(row)))
        .collect();
    let events =
        filter_record_batch(&decoded.events, &kept).expect("the filter has a value for each row");
    let origins = decoded.origins.into_iter().enumerate();
    let origins = origins.filter(|(row, _)| is_kept(*row));
    let is_replaced = |origin: &Origin| {
        let mut groups = too_large.iter();
        groups.any(|group| group.users.contains(&(origin.record as usize)))
    };
    let mut rejected = decoded.rejected;
    rejected.retain(|rejected| !is_replaced(&rejected.origin));
    rejected.extend(too_large.iter().map(|group| replaced(group, records)));
    rejected.sort_by_key(|rejected| rejected.origin);
    Decoded {
        events,
        origins: origins.map(|(_, origin)| origin).collect(),
        rejected,
    }
}

fn replaced(group: &Group, records: &[UserRecord]) -> Rejected {
    let rows = group.events.len() + group.rejected.len();
    Rejected {
        origin: Origin {
            record: u32::try_from(group.users.start).expect("fewer than 2³² records"),
            line: 0,
        },
        class: ReasonClass::TooLarge,
        reason: format!(
            "the stream record holds {rows} events and rejected records, whose rows exceed {MAX_ROWS_BYTES} bytes"
        ),
        bytes: records[group.users.start].stream_record.clone(),
    }
}

/// The stream records of the slice. User records that were handed over one by one are a group each.
fn groups<'a>(decoded: &'a Decoded, records: &'a [UserRecord]) -> impl Iterator<Item = Group> + 'a {
    let is_together = |a: &UserRecord, b: &UserRecord| {
        a.sequence_number == b.sequence_number
            && a.shard == b.shard
            && a.stream_record.as_ptr() == b.stream_record.as_ptr()
    };
    let (mut user, mut event, mut reject) = (0, 0, 0);
    records.chunk_by(is_together).map(move |users| {
        let group_end = user + users.len();
        let is_own = |origin: &Origin| (origin.record as usize) < group_end;
        let events = decoded.origins[event..].iter();
        let events = events.take_while(|origin| is_own(origin)).count();
        let rejected = decoded.rejected[reject..].iter();
        let rejected = rejected.take_while(|one| is_own(&one.origin)).count();
        let group = Group {
            users: user..group_end,
            events: event..event + events,
            rejected: reject..reject + rejected,
        };
        (user, event, reject) = (group_end, group.events.end, group.rejected.end);
        group
    })
}

/// Reports whether the rows of a stream record are too large. `values` is the most that an event's values take without the
/// characters of texts.
fn is_too_large(decoded: &Decoded, records: &[UserRecord], group: &Group, values: usize) -> bool {
    // Nearly all stream records are that small, whatever they hold: a character takes at most six in JSON.
    let held: usize = records[group.users.clone()]
        .iter()
        .map(|record| record.data.len())
        .sum();
    let most = group.events.len() * (FRAME_BYTES + IDENTITY_BYTES + values)
        + group.rejected.len()
            * (FRAME_BYTES + IDENTITY_BYTES + REJECT_BYTES + 6 * MAX_REASON_BYTES)
        + 6 * held;
    most > MAX_ROWS_BYTES && rows_bytes(decoded, records, group) > MAX_ROWS_BYTES
}

/// The bytes of a value and its key, at most, but for the characters of a text.
fn value_bytes(field: &Field) -> usize {
    key_bytes(field) + VALUE_BYTES
}

/// The bytes of a key: quotes, a colon, and the comma after the value.
fn key_bytes(field: &Field) -> usize {
    field.name().len() + 4
}

/// The bytes of a stream record's rows.
fn rows_bytes(decoded: &Decoded, records: &[UserRecord], group: &Group) -> usize {
    let schema = decoded.events.schema();
    let columns = schema.fields().iter().zip(decoded.events.columns());
    let values: usize = columns
        .map(|(field, column)| {
            let column = column.slice(group.events.start, group.events.len());
            // NULL is left out of a row.
            (column.len() - column.null_count()) * key_bytes(field) + column_bytes(&column)
        })
        .sum();
    let identity = |origin: &Origin| {
        let record = &records[origin.record as usize];
        FRAME_BYTES + record.shard.len() + digits(record.subsequence_number) + digits(origin.line)
    };
    let events = decoded.origins[group.events.clone()].iter().map(identity);
    let rejected = decoded.rejected[group.rejected.clone()].iter();
    let rejected = rejected.map(|rejected| {
        let base64 = rejected.bytes.len().div_ceil(3) * 4;
        identity(&rejected.origin) + REJECT_BYTES + escaped_bytes(&rejected.reason) + base64
    });
    values + events.sum::<usize>() + rejected.sum::<usize>()
}

/// The bytes of a column's values as JSON, quotes included.
fn column_bytes(column: &ArrayRef) -> usize {
    let present = column.len() - column.null_count();
    let numbers = |lengths: &mut dyn Iterator<Item = usize>| lengths.sum();
    match column.data_type() {
        DataType::Utf8 => {
            let texts = column.as_string::<i32>().iter().flatten();
            texts.map(|text| escaped_bytes(text) + 2).sum()
        }
        DataType::Int32 => {
            let values = column.as_primitive::<Int32Type>().iter().flatten();
            numbers(&mut values.map(digits))
        }
        DataType::Int64 => {
            let values = column.as_primitive::<Int64Type>().iter().flatten();
            numbers(&mut values.map(digits))
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>().iter().flatten();
            numbers(&mut values.map(digits))
        }
        DataType::Boolean => present * "false".len(),
        DataType::Date32 => present * "\"2026-11-28\"".len(),
        _ => present * "\"2026-11-28 12:00:00.000\"".len(),
    }
}

/// The bytes of a number as JSON.
fn digits(number: impl Serialize) -> usize {
    serde_json::to_string(&number).map_or(VALUE_BYTES, |text| text.len())
}

/// The bytes of a text as JSON, without its quotes.
fn escaped_bytes(text: &str) -> usize {
    let bytes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' => 2,
        0..=0x1f => 6,
        _ => 1,
    });
    bytes.sum()
}
