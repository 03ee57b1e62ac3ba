//! What becomes of a line on its way into the stream.

use std::ops::Range;

use bytes::Bytes;
use twinlake_pipeline::TimeFormat;

use super::fields::Dialect;
use super::lines::Line;

/// The most characters of a partition key
/// ([PutRecords](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html)).
const PARTITION_KEY_CHARACTERS: usize = 256;

/// A field that holds a time.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeField {
    /// Its place in the line, from 0.
    pub index: usize,
    /// How the time is written, and in which zone.
    pub format: TimeFormat,
}

/// Turns lines into events.
#[derive(Debug, Clone)]
pub struct Rewriting {
    /// How the lines are written.
    pub dialect: Dialect,
    /// The line that every event begins with, if there is one.
    pub header: Option<Vec<u8>>,
    /// The place of the field that is the partition key, from 0.
    pub partition_key: Option<usize>,
    /// The fields whose times are moved.
    pub time_fields: Vec<TimeField>,
    /// By how much, in milliseconds.
    pub shift_ms: Option<i64>,
}

impl TimeField {
    /// The time that a line's field holds, in milliseconds since 1970-01-01 UTC.
    pub fn read(&self, dialect: Dialect, line: &[u8], fields: &[Range<usize>]) -> Option<i64> {
        let text = dialect.text(&line[fields.get(self.index)?.clone()]);
        self.parse(std::str::from_utf8(&text).ok()?)
    }

    /// The field with its time moved, if it holds one; white space around it stays.
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

    /// White space around a time has no meaning, as in the decode of events.
    fn parse(&self, text: &str) -> Option<i64> {
        self.format.parse_ms(text.trim())
    }
}

impl Rewriting {
    /// The partition key of a line: the text of its field; where there is no such field or text, the line's place in
    /// the file, so that such lines spread over all shards, and in the same way each time.
    pub fn partition_key(&self, line: &Line, index: u64) -> String {
        let text = self.partition_key.and_then(|key| {
            let fields = self.dialect.fields(&line.bytes)?;
            let text = self.dialect.string(&line.bytes[fields.get(key)?.clone()]);
            let text: String = text.chars().take(PARTITION_KEY_CHARACTERS).collect();
            (!text.is_empty()).then_some(text)
        });
        text.unwrap_or_else(|| index.to_string())
    }

    /// The bytes of the event that a line becomes. A time that cannot be read stays as it is.
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
    fn the_partition_key_is_the_fields_text_or_the_lines_place() {
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
