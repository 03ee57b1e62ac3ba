//! CSV text: its lines, and the fields of a line.
//!
//! The decoder and `twinlake produce` split files by these types, so that a line that is sent is the line that is
//! decoded. The format is [RFC 4180] with a delimiter and a quote of choice:
//!
//! - Lines end with LF or CRLF, the last one with either or nothing. A carriage return elsewhere is a character.
//! - Empty lines are passed over.
//! - A field is quoted as a whole, and a quote within it is written twice. Quoted fields hold line ends.
//! - A line with a misplaced quote ends at its next line end, whatever is in quotes there, and the line after it begins
//!   anew. Nothing else keeps a single quote too many, or too few, from taking the rest of the text with it.
//!
//! ```
//! use twinlake_pipeline::csv::{Dialect, FieldSplitter, Lines, Quotes};
//!
//! let dialect = Dialect { delimiter: b',', quote: Some(b'"') };
//! let text = b"7,\"HOTEL, \"\"MOTEL\"\"\"\n5\" pipe,x\n8,STREET\n";
//! let lines: Vec<_> = Lines::new(text, dialect).collect();
//! assert_eq!(lines.len(), 3);
//! assert_eq!(lines[1].quotes, Quotes::Misplaced("a quote within an unquoted field"));
//!
//! let mut splitter = FieldSplitter::new(dialect);
//! let fields = splitter.split(lines[0], usize::MAX).expect("its quotes are valid");
//! let line = std::str::from_utf8(lines[0].bytes)?;
//! let place = &line[fields.range(1).expect("it has two fields")];
//! assert_eq!(place, "\"HOTEL, \"\"MOTEL\"\"\"");
//! assert_eq!(fields.unquote(place), "HOTEL, \"MOTEL\"");
//! # Ok::<(), std::str::Utf8Error>(())
//! ```
//!
//! [RFC 4180]: https://www.rfc-editor.org/rfc/rfc4180

mod dialect;
mod fields;
mod lines;
mod reader;

pub use dialect::Dialect;
pub use fields::{FieldSplitter, Fields};
pub use lines::{Line, Lines, Quotes};
pub use reader::{Limits, LineReader, NumberedLine};
