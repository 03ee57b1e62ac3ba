//! The lines of a CSV file: bytes up to a line end outside quotes.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use twinlake_kpl::MAX_RECORD_BYTES;

use crate::replay::fields::{Dialect, Quoting};

/// The most that a line of several physical lines may hold, in bytes. Without it, one stray quote would join all that
/// follows to one line.
pub const MAX_QUOTED_BYTES: usize = 64 << 10;

/// A line of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The number of its first physical line in the file, from 1.
    pub number: u64,
    /// Its bytes without the line end; of one that no stream record takes, only as many as show that.
    pub bytes: Vec<u8>,
    /// How many bytes it has in the file, without the line end.
    pub length: u64,
}

/// Reads one line after the other.
///
/// A line end (LF or CRLF) within quotes belongs to the line. Where quotes are not as they should be (a quote within a
/// field without quotes, something behind a closing quote, a quote that is still open after 64 KiB or at the end of the
/// file) a line is the physical line alone, and reading goes on behind it. Empty lines are passed over.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    dialect: Dialect,
    read: u64,
    /// Physical lines that were read in search of a closing quote.
    waiting: VecDeque<PhysicalLine>,
}

#[derive(Debug)]
struct PhysicalLine {
    number: u64,
    /// With the line end, unless it is longer than what is kept.
    bytes: Vec<u8>,
    /// How many bytes of it were not kept.
    dropped: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of what `reader` reads.
    pub fn new(reader: R, dialect: Dialect) -> Self {
        Self {
            reader,
            dialect,
            read: 0,
            waiting: VecDeque::new(),
        }
    }

    /// The next line, or `None` at the end of the file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next_line(&mut self) -> io::Result<Option<Line>> {
        while let Some(first) = self.next_physical_line()? {
            if !first.text().is_empty() {
                return self.complete(first).map(Some);
            }
        }
        Ok(None)
    }

    /// The line that begins with `first`.
    fn complete(&mut self, first: PhysicalLine) -> io::Result<Line> {
        let mut quoting = Quoting::new(self.dialect);
        quoting.read(first.text());
        let mut bytes = first.bytes.len();
        let mut lines = vec![first];
        while quoting.is_open() && bytes <= MAX_QUOTED_BYTES {
            let Some(next) = self.next_physical_line()? else {
                break;
            };
            quoting.read(lines[lines.len() - 1].line_end());
            quoting.read(next.text());
            bytes += next.bytes.len();
            lines.push(next);
        }
        if !quoting.is_complete() || bytes > MAX_QUOTED_BYTES {
            for line in lines.drain(1..).rev() {
                self.waiting.push_front(line);
            }
        }
        Ok(joined(lines))
    }

    fn next_physical_line(&mut self) -> io::Result<Option<PhysicalLine>> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        // Room for a line end behind the longest line, and one more byte to tell a longer one.
        let kept = MAX_RECORD_BYTES as u64 + 3;
        if (&mut self.reader)
            .take(kept)
            .read_until(b'\n', &mut bytes)?
            == 0
        {
            return Ok(None);
        }
        self.read += 1;
        let dropped = match bytes.ends_with(b"\n") {
            true => 0,
            false => pass_over_line(&mut self.reader)?,
        };
        Ok(Some(PhysicalLine {
            number: self.read,
            bytes,
            dropped,
        }))
    }
}

impl PhysicalLine {
    fn text(&self) -> &[u8] {
        let text = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    fn line_end(&self) -> &[u8] {
        &self.bytes[self.text().len()..]
    }
}

/// Reads to the end of the line, and says how many bytes of the line that were.
fn pass_over_line(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut passed = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let (of_line, read) = match end {
            Some(end) => (end, end + 1),
            None => (buffer.len(), buffer.len()),
        };
        reader.consume(read);
        passed += of_line as u64;
        if end.is_some() || read == 0 {
            return Ok(passed);
        }
    }
}

/// One line of the physical lines, of which there is at least one.
fn joined(mut lines: Vec<PhysicalLine>) -> Line {
    let last = lines.len() - 1;
    let (number, dropped) = (lines[0].number, lines[last].dropped);
    let text_bytes = lines[last].text().len();
    lines[last].bytes.truncate(text_bytes);
    let mut bytes = std::mem::take(&mut lines[0].bytes);
    for line in &lines[1..] {
        bytes.extend_from_slice(&line.bytes);
    }
    Line {
        number,
        length: bytes.len() as u64 + dropped,
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use twinlake_pipeline::Encoding;

    use super::*;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        quote: Some(b'"'),
        encoding: Encoding::UTF_8,
    };

    fn lines_of(dialect: Dialect, file: &[u8]) -> Vec<Line> {
        // A buffer of a few bytes: where it ends must not matter.
        let reader = io::BufReader::with_capacity(7, file);
        let mut lines = Lines::new(reader, dialect);
        std::iter::from_fn(|| lines.next_line().unwrap()).collect()
    }

    fn texts(file: &str) -> Vec<(u64, String)> {
        let text = |line: Line| (line.number, String::from_utf8(line.bytes).unwrap());
        lines_of(COMMA, file.as_bytes())
            .into_iter()
            .map(text)
            .collect()
    }

    fn numbered(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
        let owned = |(number, text): &(u64, &str)| (*number, (*text).to_owned());
        lines.iter().map(owned).collect()
    }

    #[test]
    fn lines_end_with_lf_crlf_or_the_file() {
        let expected = numbered(&[(1, "a,b"), (2, "c\rd"), (5, "e")]);
        assert_eq!(texts("a,b\r\nc\rd\n\n\r\ne"), expected);
        assert_eq!(texts("a,b\r\nc\rd\n\n\r\ne\n"), expected);
        assert_eq!(texts("a,b\r\nc\rd\n\n\r\ne\r"), expected);
        assert_eq!(texts(""), []);
    }

    #[test]
    fn line_ends_within_quotes_belong_to_the_line() {
        assert_eq!(
            texts("a,\"b\r\n\n\"\"c\n\"\nd,\"e\"\n"),
            numbered(&[(1, "a,\"b\r\n\n\"\"c\n\""), (5, "d,\"e\"")])
        );
        let no_quotes = Dialect {
            quote: None,
            ..COMMA
        };
        assert_eq!(lines_of(no_quotes, b"a,\"b\nc\"\n").len(), 2);
    }

    #[test]
    fn a_line_with_a_stray_quote_is_its_physical_line() {
        let stray = ["5\" pipe", "\"a\"b,c", "\"a\nx,\"b\",c", "\"open"];
        for stray in stray {
            let first = stray.lines().next().unwrap();
            let found = texts(&format!("{stray}\nd,e\n"));
            assert_eq!(found[0], (1, first.to_owned()), "{stray}");
            assert_eq!(found.last().unwrap().1, "d,e", "{stray}");
            assert_eq!(found.len(), stray.lines().count() + 1, "{stray}");
        }
    }

    #[test]
    fn an_open_quote_swallows_64_kib_at_most() {
        let filler = "x".repeat(1_000);
        let quoted =
            |lines: usize| format!("\"{}\"\nafter\n", vec![filler.as_str(); lines].join("\n"));
        assert_eq!(lines_of(COMMA, quoted(60).as_bytes()).len(), 2);
        let found = lines_of(COMMA, quoted(70).as_bytes());
        assert_eq!(found.len(), 71);
        assert_eq!(found[0].bytes, format!("\"{filler}").as_bytes());

        let one_physical_line = format!("\"{}\"\nafter\n", "x".repeat(900_000));
        assert_eq!(lines_of(COMMA, one_physical_line.as_bytes()).len(), 2);
    }

    #[test]
    fn a_line_beyond_every_record_is_measured_but_not_kept() {
        let length = 3 * MAX_RECORD_BYTES;
        let file = format!("a\n{}\nb", "x".repeat(length));
        let found = lines_of(COMMA, file.as_bytes());
        assert_eq!((found[1].number, found[1].length), (2, length as u64));
        assert!((MAX_RECORD_BYTES + 1..MAX_RECORD_BYTES + 10).contains(&found[1].bytes.len()));
        assert_eq!((found[2].number, found[2].bytes.as_slice()), (3, &b"b"[..]));

        let longest = format!("{}\r\nb", "x".repeat(MAX_RECORD_BYTES));
        assert_eq!(
            lines_of(COMMA, longest.as_bytes())[0].bytes.len(),
            MAX_RECORD_BYTES
        );
    }

    proptest! {
        #[test]
        fn no_byte_but_line_ends_is_lost(file in "[ab,\"\r\n]{0,60}") {
            let without_ends = |text: &str| text.replace(['\r', '\n'], "");
            let joined: String = texts(&file).into_iter().map(|(_, text)| text).collect();
            prop_assert_eq!(without_ends(&joined), without_ends(&file));
        }

        #[test]
        fn what_a_csv_writer_wrote_is_split_into_its_records(
            records in prop::collection::vec(prop::collection::vec("[ab,\"\r\n]{0,5}", 2..4), 1..6)
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for record in &records {
                writer.write_record(record).unwrap();
            }
            let file = writer.into_inner().unwrap();
            prop_assert_eq!(lines_of(COMMA, &file).len(), records.len());
        }
    }
}
