//! Where the fields of a CSV line lie, so that one can be read or replaced and every other byte stays as it is.

use std::borrow::Cow;
use std::ops::Range;

use twinlake_pipeline::{Csv, Encoding};

/// What divides the fields of a line, what keeps a field together, and what its bytes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Stands between two fields.
    pub delimiter: u8,
    /// Encloses a field that holds delimiters or line ends, and is doubled within it; `None` where nothing does.
    pub quote: Option<u8>,
    /// How text is written in bytes.
    pub encoding: Encoding,
}

/// Where in a field the reading of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before its first byte.
    Start,
    /// In a field without quotes.
    Bare,
    /// Between the quotes.
    Quoted,
    /// Behind a quote that ends the field, unless a second one follows.
    AfterQuote,
    /// Behind a quote in a bare field, or something else than a delimiter behind a closing quote.
    Broken,
}

/// Whether the line end that comes next belongs to a field.
#[derive(Debug, Clone)]
pub struct Quoting {
    dialect: Dialect,
    state: State,
}

impl From<&Csv> for Dialect {
    fn from(csv: &Csv) -> Self {
        Self {
            delimiter: csv.delimiter,
            quote: csv.quote,
            encoding: csv.encoding,
        }
    }
}

impl Dialect {
    fn after(self, state: State, byte: u8) -> State {
        let delimits = byte == self.delimiter;
        let quotes = Some(byte) == self.quote;
        match state {
            State::Start | State::Bare | State::AfterQuote if delimits => State::Start,
            State::Start | State::AfterQuote if quotes => State::Quoted,
            State::Quoted if quotes => State::AfterQuote,
            State::Start | State::Bare if !quotes => State::Bare,
            State::Quoted => State::Quoted,
            _ => State::Broken,
        }
    }

    /// Where each field lies, quotes included. Nothing comes out of a line that breaks the rules of quoting
    /// ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180), section 2), which no reader of CSV can rely on.
    pub fn fields(self, line: &[u8]) -> Option<Vec<Range<usize>>> {
        let mut fields = Vec::new();
        let (mut state, mut begin) = (State::Start, 0);
        for (at, byte) in line.iter().enumerate() {
            state = self.after(state, *byte);
            if state == State::Start {
                fields.push(begin..at);
                begin = at + 1;
            }
        }
        fields.push(begin..line.len());
        (!matches!(state, State::Quoted | State::Broken)).then_some(fields)
    }

    /// What a field holds: without the quotes around it, and each doubled one once.
    pub fn text(self, field: &[u8]) -> Cow<'_, [u8]> {
        let inner = self.quote.and_then(|quote| {
            let inner = field.strip_prefix(&[quote])?.strip_suffix(&[quote])?;
            Some((inner, quote))
        });
        match inner {
            Some((inner, quote)) if inner.contains(&quote) => Cow::Owned(undoubled(inner, quote)),
            Some((inner, _)) => Cow::Borrowed(inner),
            None => Cow::Borrowed(field),
        }
    }

    /// The same as a string, in which U+FFFD stands for what the encoding does not have.
    pub fn string(self, field: &[u8]) -> String {
        let encoding = encoding_rs::Encoding::for_label(self.encoding.name().as_bytes())
            .expect("the name of an encoding is one of its labels");
        let bytes = self.text(field);
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        text.into_owned()
    }

    /// A field that holds `text`, in quotes if `like` is or the text needs them.
    pub fn field(self, text: &str, like: &[u8]) -> Vec<u8> {
        let Some(quote) = self.quote else {
            return text.into();
        };
        let needs_quotes =
            |byte: &u8| *byte == self.delimiter || *byte == quote || matches!(byte, b'\r' | b'\n');
        if like.first() != Some(&quote) && !text.as_bytes().iter().any(needs_quotes) {
            return text.into();
        }
        let mut field = vec![quote];
        for byte in text.bytes() {
            let times = if byte == quote { 2 } else { 1 };
            field.extend(std::iter::repeat_n(byte, times));
        }
        field.push(quote);
        field
    }
}

fn undoubled(text: &[u8], quote: u8) -> Vec<u8> {
    let mut first_of_two = false;
    let keep = |byte: &&u8| {
        first_of_two = **byte == quote && !first_of_two;
        first_of_two || **byte != quote
    };
    text.iter().filter(keep).copied().collect()
}

impl Quoting {
    /// Before the first byte of a line.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            state: State::Start,
        }
    }

    /// Goes on behind `bytes`.
    pub fn read(&mut self, bytes: &[u8]) {
        let after = |state, byte: &u8| self.dialect.after(state, *byte);
        self.state = bytes.iter().fold(self.state, after);
    }

    /// Whether a quote is open, so that a line end would belong to its field.
    pub fn is_open(&self) -> bool {
        self.state == State::Quoted
    }

    /// Whether a line end would end the line, as the rules of quoting have it.
    pub fn is_complete(&self) -> bool {
        !matches!(self.state, State::Quoted | State::Broken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        quote: Some(b'"'),
        encoding: Encoding::UTF_8,
    };

    fn texts(dialect: Dialect, line: &str) -> Option<Vec<String>> {
        let fields = dialect.fields(line.as_bytes())?;
        let text = |field: Range<usize>| dialect.string(&line.as_bytes()[field]);
        Some(fields.into_iter().map(text).collect())
    }

    #[test]
    fn bytes_are_read_in_their_encoding() {
        let field = b"\"Stra\xdfe\"";
        assert_eq!(COMMA.string(field), "Stra\u{fffd}e");
        let western = Dialect {
            encoding: Encoding::for_label("windows-1252").unwrap(),
            ..COMMA
        };
        assert_eq!(western.string(field), "Straße");
    }

    #[test]
    fn fields_are_found_between_delimiters_outside_quotes() {
        let expected =
            |fields: &[&str]| Some(fields.iter().map(|&field| field.to_owned()).collect());
        assert_eq!(texts(COMMA, "a,b"), expected(&["a", "b"]));
        assert_eq!(texts(COMMA, ",\"\","), expected(&["", "", ""]));
        assert_eq!(texts(COMMA, "\"a,\n\"\"b\",c"), expected(&["a,\n\"b", "c"]));
        assert_eq!(texts(COMMA, "\"\"\"\"\"\""), expected(&["\"\""]));
        let tab = Dialect {
            delimiter: b'\t',
            quote: None,
            ..COMMA
        };
        assert_eq!(texts(tab, "\"a\tb,\""), expected(&["\"a", "b,\""]));
    }

    #[test]
    fn broken_quoting_has_no_fields() {
        for line in ["5\" pipe,a", "\"a\"b,c", "\"a", "\"a\" ,c"] {
            assert_eq!(COMMA.fields(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_new_text_is_quoted_like_the_old_one_or_where_it_must_be() {
        assert_eq!(COMMA.field("b", b"a"), b"b");
        assert_eq!(COMMA.field("b", b"\"a\""), b"\"b\"");
        assert_eq!(COMMA.field("b, \"c\"", b"a"), b"\"b, \"\"c\"\"\"");
    }

    proptest! {
        #[test]
        fn what_a_csv_writer_wrote_is_read(fields in prop::collection::vec("[ab,\"\r\n]{0,5}", 2..5)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&fields).unwrap();
            let line = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let line = line.strip_suffix('\n').unwrap();
            prop_assert_eq!(texts(COMMA, line), Some(fields));
        }
    }
}
