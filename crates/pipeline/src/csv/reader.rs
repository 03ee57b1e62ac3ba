//! Reads the lines of a CSV file that need not fit into memory.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use memchr::memchr;

use super::dialect::Dialect;
use super::lines::{Line, LineEndSearch, OPEN_QUOTE, Quotes};

/// Bytes that are read beyond [`Limits::line_bytes`]: the line end after the longest line, and one byte that tells a
/// longer line.
const EXTRA_BYTES: usize = 3;

/// Reads a file line by line, in bounded memory.
///
/// The lines are those of [`Lines`](super::Lines), with one difference: the search for a closing quote ends after
/// [`Limits::quoted_bytes`].
///
/// ```
/// use twinlake_pipeline::csv::{Dialect, Limits, LineReader};
///
/// let dialect = Dialect { delimiter: b',', quote: Some(b'"') };
/// let limits = Limits { line_bytes: 1 << 20, quoted_bytes: 64 << 10 };
/// let file: &[u8] = b"a,b\r\n\"two\nlines\",c\n";
/// let mut reader = LineReader::new(file, dialect, limits);
/// let first = reader.next_line()?.expect("the file has two lines");
/// assert_eq!((first.number, first.bytes.as_slice()), (1, &b"a,b"[..]));
/// let second = reader.next_line()?.expect("the file has two lines");
/// assert_eq!((second.number, second.bytes.as_slice()), (2, &b"\"two\nlines\",c"[..]));
/// assert!(reader.next_line()?.is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct LineReader<R> {
    reader: R,
    dialect: Dialect,
    limits: Limits,
    /// The number of physical lines read so far.
    read: u64,
    /// Physical lines that were read in search of a closing quote.
    waiting: VecDeque<PhysicalLine>,
}

/// The limits that bound a [`LineReader`]'s memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The length up to which lines are kept whole.
    pub line_bytes: usize,
    /// The maximum length of a line with line ends within quotes. One stray quote would otherwise join everything
    /// after it to one line.
    pub quoted_bytes: usize,
}

/// A line of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedLine {
    /// The number of its first physical line in the file, counted from 1.
    pub number: u64,
    /// The line's bytes without its line end. Of a line longer than [`Limits::line_bytes`] only a beginning, which is
    /// longer than that too.
    pub bytes: Vec<u8>,
    /// The line's length in the file in bytes, without its line end.
    pub length: u64,
    /// The state of its quotes; of a line that is not kept whole, of the kept bytes.
    pub quotes: Quotes,
}

/// The bytes up to a line feed, whatever is in quotes there.
#[derive(Debug)]
struct PhysicalLine {
    number: u64,
    /// The line's beginning, with the line end unless the line is longer than what is kept.
    bytes: Vec<u8>,
    /// The number of bytes that were not kept, without the line end.
    dropped: u64,
}

impl<R: BufRead> LineReader<R> {
    /// A reader of the lines of `reader`.
    pub fn new(reader: R, dialect: Dialect, limits: Limits) -> Self {
        Self {
            reader,
            dialect,
            limits,
            read: 0,
            waiting: VecDeque::new(),
        }
    }

    /// The next line that has at least one byte, or `None` at the end of the file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next_line(&mut self) -> io::Result<Option<NumberedLine>> {
        while let Some(first) = self.next_physical_line()? {
            if !first.text().is_empty() {
                return self.complete(first).map(Some);
            }
        }
        Ok(None)
    }

    /// The line that begins with `first`.
    fn complete(&mut self, first: PhysicalLine) -> io::Result<NumberedLine> {
        let quote = self.dialect.quote;
        let Some(quote) = quote.filter(|quote| memchr(*quote, first.text()).is_some()) else {
            return Ok(first.numbered(Quotes::None));
        };
        let (number, dropped) = (first.number, first.dropped);
        let mut text = first.bytes;
        let mut ends = vec![text.len()];
        let mut search = LineEndSearch::default();
        let problem = loop {
            match search.resume(&text, self.dialect.delimiter, quote) {
                Ok(Some(_)) if ends.len() == 1 || text.len() <= self.limits.quoted_bytes => {
                    let line = PhysicalLine {
                        number,
                        bytes: text,
                        dropped,
                    };
                    return Ok(line.numbered(Quotes::Valid));
                }
                Ok(None) if dropped == 0 && text.len() <= self.limits.quoted_bytes => {}
                Ok(_) => break OPEN_QUOTE,
                Err(problem) => break problem,
            }
            match self.next_physical_line()? {
                Some(next) if next.dropped == 0 => {
                    text.extend_from_slice(&next.bytes);
                    ends.push(text.len());
                }
                Some(next) => {
                    self.waiting.push_front(next);
                    break OPEN_QUOTE;
                }
                None => break OPEN_QUOTE,
            }
        };
        for (index, bounds) in ends.windows(2).enumerate().rev() {
            self.waiting.push_front(PhysicalLine {
                number: number + 1 + index as u64,
                bytes: text[bounds[0]..bounds[1]].to_vec(),
                dropped: 0,
            });
        }
        text.truncate(ends[0]);
        let first = PhysicalLine {
            number,
            bytes: text,
            dropped,
        };
        Ok(first.numbered(Quotes::Misplaced(problem)))
    }

    fn next_physical_line(&mut self) -> io::Result<Option<PhysicalLine>> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let kept = self.limits.line_bytes.saturating_add(EXTRA_BYTES);
        let mut beginning = (&mut self.reader).take(kept as u64);
        if beginning.read_until(b'\n', &mut bytes)? == 0 {
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

impl NumberedLine {
    /// The line without its number.
    pub fn as_line(&self) -> Line<'_> {
        Line {
            bytes: &self.bytes,
            quotes: self.quotes,
        }
    }
}

impl PhysicalLine {
    fn text(&self) -> &[u8] {
        if self.dropped > 0 {
            return &self.bytes;
        }
        let text = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    fn numbered(mut self, quotes: Quotes) -> NumberedLine {
        let length = self.text().len();
        self.bytes.truncate(length);
        NumberedLine {
            number: self.number,
            length: length as u64 + self.dropped,
            bytes: self.bytes,
            quotes,
        }
    }
}

/// Reads to the end of the line, and counts the line's bytes without the line end.
fn pass_over_line(reader: &mut impl BufRead) -> io::Result<u64> {
    let (mut passed, mut after_return) = (0, false);
    loop {
        let buffer = reader.fill_buf()?;
        let end = memchr(b'\n', buffer);
        let of_line = &buffer[..end.unwrap_or(buffer.len())];
        if let Some(last) = of_line.last() {
            after_return = *last == b'\r';
        }
        passed += of_line.len() as u64;
        let read = of_line.len() + usize::from(end.is_some());
        reader.consume(read);
        if end.is_some() || read == 0 {
            return Ok(passed - u64::from(after_return));
        }
    }
}
