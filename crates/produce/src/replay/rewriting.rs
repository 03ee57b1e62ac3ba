//! Events out of lines: the partition key, the times and the header.

use std::ops::Range;

use bytes::Bytes;
use twinlake_kpl::MAX_RECORD_BYTES;
use twinlake_pipeline::TimeFormat;

use crate::events::{Event, Events};
use crate::replay::csv_file::CsvFile;
use crate::replay::fields::Dialect;
use crate::replay::lines::Line;
use crate::{Error, Result};

/// The most characters of a partition key
/// ([PutRecords](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html)).
const MAX_PARTITION_KEY_CHARACTERS: usize = 256;

/// A field that holds a time.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeField {
    /// The index of the field in its line, counted from 0.
    pub index: usize,
    /// The format of the time, with its zone.
    pub format: TimeFormat,
}

/// The rules by which lines become events.
#[derive(Debug, Clone)]
pub struct Rewriting {
    /// The form of the lines.
    pub dialect: Dialect,
    /// The line with which every event begins, if there is one.
    pub header: Option<Vec<u8>>,
    /// The index of the partition key's field, counted from 0, if there is one.
    pub partition_key: Option<usize>,
    /// The fields whose times are moved.
    pub time_fields: Vec<TimeField>,
    /// The span in milliseconds by which times are moved; `None` leaves them.
    pub shift_ms: Option<i64>,
}

impl TimeField {
    /// The time in this field of a line, in milliseconds since 1970-01-01 UTC; `None` if there is no readable one.
    pub fn read(&self, dialect: Dialect, line: &[u8], fields: &[Range<usize>]) -> Option<i64> {
        let text = dialect.text(&line[fields.get(self.index)?.clone()]);
        self.parse(std::str::from_utf8(&text).ok()?)
    }

    /// The field with its time moved; `None` if it holds no readable time. White space around the time stays.
    fn moved(&self, dialect: Dialect, field: &[u8], shift_ms: i64) -> Option<Vec<u8>> {
        let text = dialect.text(field);
        let text = std::str::from_utf8(&text).ok()?;
        let time = self
            .format
            .format_ms(self.parse(text)?.checked_add(shift_ms)?)?;
        let (before, after) = (text.len() - text.trim_start().len(), text.trim_end().len());
        let text = [&text[..before], &time, &text[after..]].concat();
        Some(dialect.field(&text, field))
    }

    /// Parses a time. White space around it has no meaning, as in the decode of events.
    fn parse(&self, text: &str) -> Option<i64> {
        self.format.parse_ms(text.trim())
    }
}

impl Rewriting {
    /// The partition key of the line with this index: the text of its field. Where there is no such field or text it is
    /// the index, so that such lines spread over all shards, and in the same way each time.
    pub fn partition_key(&self, line: &Line, index: u64) -> String {
        let text = self.partition_key.and_then(|key| {
            let fields = self.dialect.fields(&line.bytes)?;
            let text = self.dialect.string(&line.bytes[fields.get(key)?.clone()]);
            let text: String = text.chars().take(MAX_PARTITION_KEY_CHARACTERS).collect();
            (!text.is_empty()).then_some(text)
        });
        text.unwrap_or_else(|| index.to_string())
    }

    /// The bytes of a line's event. A time that cannot be read stays as it is.
    pub fn data(&self, line: Line) -> Bytes {
        let bytes = match self.shift_ms {
            Some(shift_ms) => self.moved(line.bytes, shift_ms),
            None => line.bytes,
        };
        match &self.header {
            Some(header) => [header.as_slice(), b"\n", &bytes].concat().into(),
            None => bytes.into(),
        }
    }

    fn moved(&self, line: Vec<u8>, shift_ms: i64) -> Vec<u8> {
        let Some(fields) = self.dialect.fields(&line) else {
            return line;
        };
        let mut moved = Vec::with_capacity(line.len());
        let mut copied = 0;
        for (index, field) in fields.into_iter().enumerate() {
            let time_field = self.time_fields.iter().find(|time| time.index == index);
            let bytes = &line[field.clone()];
            if let Some(bytes) =
                time_field.and_then(|time| time.moved(self.dialect, bytes, shift_ms))
            {
                moved.extend_from_slice(&line[copied..field.start]);
                moved.extend(bytes);
                copied = field.end;
            }
        }
        moved.extend_from_slice(&line[copied..]);
        moved
    }
}

/// The lines of a file as events, one after the other.
pub struct Replay {
    file: CsvFile,
    rewriting: Rewriting,
}

impl Replay {
    /// The events of `file`, from the line on that it reads next.
    pub fn new(file: CsvFile, rewriting: Rewriting) -> Self {
        Self { file, rewriting }
    }

    fn event(&self, index: u64, line: Line) -> Result<Event> {
        let (number, length) = (line.number, line.length);
        let partition_key = self.rewriting.partition_key(&line, index);
        let data = self.rewriting.data(line);
        // The bytes of an oversized line were not all kept, but its length was.
        let bytes = length.max(data.len() as u64) + partition_key.len() as u64;
        if bytes > MAX_RECORD_BYTES as u64 {
            return Err(Error::refused_with(
                format!(
                    "line {number} of {} has {length} bytes and is not sent: a stream record takes {MAX_RECORD_BYTES} \
                     bytes with its partition key and the header line, if it has one",
                    self.file.input(),
                ),
                format!(
                    "go on behind it with --skip {}, and with --resume if lines before it have been sent",
                    index + 1
                ),
            ));
        }
        Ok(Event {
            partition_key,
            data,
        })
    }
}

impl Events for Replay {
    fn next(&mut self, _now_ms: i64) -> Result<Option<Event>> {
        let index = self.file.next_index();
        let Some(line) = self.file.next_line()? else {
            return Ok(None);
        };
        self.event(index, line).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use twinlake_pipeline::Encoding;

    use super::*;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        quote: Some(b'"'),
        encoding: Encoding::UTF_8,
    };

    fn line(text: &str) -> Line {
        Line {
            number: 1,
            bytes: text.into(),
            length: text.len() as u64,
        }
    }

    fn rewriting() -> Rewriting {
        Rewriting {
            dialect: COMMA,
            header: None,
            partition_key: Some(1),
            time_fields: vec![TimeField {
                index: 0,
                format: TimeFormat::timestamp("%m/%d/%Y %I:%M:%S %p").unwrap(),
            }],
            shift_ms: Some(86_400_000),
        }
    }

    #[test]
    fn the_partition_key_is_the_fields_text_or_the_lines_index() {
        let key = |text: &str| rewriting().partition_key(&line(text), 7);
        assert_eq!(key("a,\"b,\"\"c\""), "b,\"c");
        assert_eq!(key("a,"), "7");
        assert_eq!(key("a"), "7");
        assert_eq!(key("a,b\"c"), "7");
        assert_eq!(key(&format!("a,{}", "ü".repeat(300))), "ü".repeat(256));
        let no_column = Rewriting {
            partition_key: None,
            ..rewriting()
        };
        assert_eq!(no_column.partition_key(&line("a,b"), 7), "7");
    }

    #[test]
    fn times_move_and_every_other_byte_stays() {
        let moved = |text: &str| String::from_utf8(rewriting().data(line(text)).to_vec()).unwrap();
        assert_eq!(
            moved("12/31/2017 11:00:00 PM, \u{e4} ,\"x\"\"\""),
            "01/01/2018 11:00:00 PM, \u{e4} ,\"x\"\"\""
        );
        assert_eq!(
            moved("\"12/31/2017 11:00:00 PM\",b"),
            "\"01/01/2018 11:00:00 PM\",b"
        );
        assert_eq!(
            moved("  12/31/2017 11:00:00 PM\t,b"),
            "  01/01/2018 11:00:00 PM\t,b"
        );
        for unreadable in [
            "02/30/2018 01:00:00 AM,b",
            "",
            ",b",
            "12/31/2017 11:00:00 PM,b\"c",
        ] {
            assert_eq!(moved(unreadable), unreadable);
        }
    }

    #[test]
    fn the_header_stands_before_every_line() {
        let rewriting = Rewriting {
            header: Some(b"Date,Block".to_vec()),
            shift_ms: None,
            ..rewriting()
        };
        assert_eq!(rewriting.data(line("a,b")), "Date,Block\na,b");
    }
}
