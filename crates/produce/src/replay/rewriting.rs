//! Events out of lines: the partition key, the times and the header.

use bytes::Bytes;
use twinlake_kpl::MAX_RECORD_BYTES;
use twinlake_pipeline::csv::{Dialect, FieldSplitter, Fields, NumberedLine};
use twinlake_pipeline::{Encoding, TimeFormat};

use crate::events::{Event, Events};
use crate::replay::csv_file::CsvFile;
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
    /// The characters that structure the lines.
    pub dialect: Dialect,
    /// The encoding of the lines.
    pub encoding: Encoding,
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
    pub fn read(&self, dialect: Dialect, line: &[u8], fields: Fields<'_>) -> Option<i64> {
        let field = std::str::from_utf8(&line[fields.range(self.index)?]).ok()?;
        self.parse(&dialect.unquote(field))
    }

    /// The field with its time moved; `None` if it holds no readable time. White space around the time stays.
    fn moved(&self, dialect: Dialect, field: &[u8], shift_ms: i64) -> Option<String> {
        let field = std::str::from_utf8(field).ok()?;
        let text = dialect.unquote(field);
        let time = self
            .format
            .format_ms(self.parse(&text)?.checked_add(shift_ms)?)?;
        let (before, after) = (text.len() - text.trim_start().len(), text.trim_end().len());
        let is_quoted = text.len() < field.len();
        let text = [&text[..before], &time, &text[after..]].concat();
        Some(dialect.field(&text, is_quoted).into_owned())
    }

    /// Parses a time. White space around it has no meaning, as in the decode of events.
    fn parse(&self, text: &str) -> Option<i64> {
        self.format.parse_ms(text.trim())
    }
}

impl Rewriting {
    /// The partition key of the line with this index: the text of its field. Where there is no such field or text it is
    /// the index, so that such lines spread over all shards, and in the same way each time. Lines with misplaced quotes
    /// have no fields.
    fn partition_key(&self, line: &[u8], fields: Option<Fields<'_>>, index: u64) -> String {
        let text = self.partition_key.and_then(|key| {
            let field = self.encoding.decode_lossy(&line[fields?.range(key)?]);
            let text = self.dialect.unquote(&field);
            let text: String = text.chars().take(MAX_PARTITION_KEY_CHARACTERS).collect();
            (!text.is_empty()).then_some(text)
        });
        text.unwrap_or_else(|| index.to_string())
    }

    /// The bytes of a line's event. A time that cannot be read stays as it is.
    fn data(&self, line: Vec<u8>, fields: Option<Fields<'_>>) -> Bytes {
        let bytes = match (self.shift_ms, fields) {
            (Some(shift_ms), Some(fields)) => self.moved(&line, fields, shift_ms),
            _ => line,
        };
        match &self.header {
            Some(header) => [header.as_slice(), b"\n", &bytes].concat().into(),
            None => bytes.into(),
        }
    }

    fn moved(&self, line: &[u8], fields: Fields<'_>, shift_ms: i64) -> Vec<u8> {
        let mut moved = Vec::with_capacity(line.len());
        let mut copied = 0;
        for (index, field) in fields.iter().enumerate() {
            let time_field = self.time_fields.iter().find(|time| time.index == index);
            let bytes = &line[field.clone()];
            let time = time_field.and_then(|time| time.moved(self.dialect, bytes, shift_ms));
            if let Some(time) = time {
                moved.extend_from_slice(&line[copied..field.start]);
                moved.extend_from_slice(time.as_bytes());
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
    splitter: FieldSplitter,
    rewriting: Rewriting,
}

impl Replay {
    /// The events of `file`, from the line on that it reads next.
    pub fn new(file: CsvFile, rewriting: Rewriting) -> Self {
        Self {
            file,
            splitter: FieldSplitter::new(rewriting.dialect),
            rewriting,
        }
    }

    fn event(&mut self, index: u64, line: NumberedLine) -> Result<Event> {
        let (number, length) = (line.number, line.length);
        let fields = self.splitter.split(line.as_line(), usize::MAX);
        let partition_key = self.rewriting.partition_key(&line.bytes, fields, index);
        let data = self.rewriting.data(line.bytes, fields);
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
    use twinlake_pipeline::csv::Lines;

    use super::*;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        quote: Some(b'"'),
    };

    /// The partition key and the data of a line.
    fn event(rewriting: &Rewriting, text: &str) -> (String, String) {
        let line = Lines::new(text.as_bytes(), COMMA).next().unwrap();
        let mut splitter = FieldSplitter::new(COMMA);
        let fields = splitter.split(line, usize::MAX);
        let data = rewriting.data(text.into(), fields);
        (
            rewriting.partition_key(text.as_bytes(), fields, 7),
            String::from_utf8(data.to_vec()).unwrap(),
        )
    }

    fn rewriting() -> Rewriting {
        Rewriting {
            dialect: COMMA,
            encoding: Encoding::UTF_8,
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
        let key = |text: &str| event(&rewriting(), text).0;
        assert_eq!(key("a,\"b,\"\"c\""), "b,\"c");
        assert_eq!(key("a,"), "7");
        assert_eq!(key("a"), "7");
        assert_eq!(key("a,b\"c"), "7");
        assert_eq!(key(&format!("a,{}", "ü".repeat(300))), "ü".repeat(256));
        let no_column = Rewriting {
            partition_key: None,
            ..rewriting()
        };
        assert_eq!(event(&no_column, "a,b").0, "7");
    }

    #[test]
    fn the_partition_key_is_read_in_the_encoding_of_the_file() {
        let western = Rewriting {
            encoding: Encoding::for_label("windows-1252").unwrap(),
            ..rewriting()
        };
        let bytes = b"a,\"Stra\xdfe\"";
        let line = Lines::new(bytes, COMMA).next().unwrap();
        let mut splitter = FieldSplitter::new(COMMA);
        let fields = splitter.split(line, usize::MAX);
        assert_eq!(western.partition_key(bytes, fields, 7), "Straße");
        assert_eq!(rewriting().partition_key(bytes, fields, 7), "Stra\u{fffd}e");
    }

    #[test]
    fn times_move_and_every_other_byte_stays() {
        let moved = |text: &str| event(&rewriting(), text).1;
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
        assert_eq!(event(&rewriting, "a,b").1, "Date,Block\na,b");
    }
}
