//! Section `stream.csv`.

use std::collections::BTreeSet;

use super::document::{ColumnEntry, CsvSection, HeaderEntry};
use super::yaml::{Located, Scalar};
use crate::diagnostic::{Diagnostics, Mistake};
use crate::model::format::{Csv, Encoding, Header, ShortLines};

/// The maximum number of fields of a line: that of spreadsheets, and far more than a record can hold.
pub(super) const MAX_FIELDS: usize = 16_384;

/// Reads the section. The columns tell the number of a line's fields if the section does not.
pub(super) fn read(
    section: &CsvSection,
    columns: &[ColumnEntry],
    diagnostics: &mut Diagnostics,
) -> Option<Csv> {
    let quote = read_quote(section.quote.as_ref(), diagnostics);
    let delimiter = read_delimiter(section.delimiter.as_ref(), diagnostics);
    check_both(section, delimiter, quote.flatten(), diagnostics);
    let header = read_header(section, columns, diagnostics);
    let short_lines = read_short_lines(section.short_lines.as_ref(), diagnostics);
    let encoding = read_encoding(section.encoding.as_ref(), diagnostics);
    Some(Csv {
        delimiter: delimiter?,
        quote: quote?,
        header: header?,
        short_lines: short_lines?,
        encoding: encoding?,
    })
}

fn read_quote(
    given: Option<&Located<String>>,
    diagnostics: &mut Diagnostics,
) -> Option<Option<u8>> {
    let Some(given) = given else {
        return Some(Some(b'"'));
    };
    match given.value.as_bytes() {
        b"none" => Some(None),
        [quote] if quote.is_ascii_punctuation() => Some(Some(*quote)),
        _ => {
            diagnostics.push(given.wrong(format!(
                "`quote` {:?} is neither one ASCII punctuation character nor `none`",
                given.value
            )));
            None
        }
    }
}

fn read_delimiter(given: Option<&Located<String>>, diagnostics: &mut Diagnostics) -> Option<u8> {
    let Some(given) = given else {
        return Some(b',');
    };
    match *given.value.as_bytes() {
        [delimiter] if delimiter.is_ascii_punctuation() => Some(delimiter),
        [delimiter] if delimiter.is_ascii_control() && !b"\r\n".contains(&delimiter) => {
            Some(delimiter)
        }
        _ => {
            let message = format!(
                "`delimiter` {:?} is not one ASCII punctuation or control character",
                given.value
            );
            let help = "examples are \";\" and \"\\t\"";
            diagnostics.push(given.wrong(Mistake::new(message).help(help)));
            None
        }
    }
}

fn check_both(
    section: &CsvSection,
    delimiter: Option<u8>,
    quote: Option<u8>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(given) = section.delimiter.as_ref().or(section.quote.as_ref())
        && delimiter.is_some()
        && delimiter == quote
    {
        diagnostics.push(given.wrong("delimiter and quote are the same"));
    }
}

fn read_header(
    section: &CsvSection,
    columns: &[ColumnEntry],
    diagnostics: &mut Diagnostics,
) -> Option<Header> {
    let Some(given) = &section.header else {
        return read_positions(section, columns, diagnostics);
    };
    let header = match &given.value {
        HeaderEntry::Word(word) if word == "none" => {
            return read_positions(section, columns, diagnostics);
        }
        HeaderEntry::Word(word) if word == "record" => Ok(Header::Record),
        HeaderEntry::Word(word) => Err(Mistake::new(format!("unknown header `{word}`"))
            .help("write none, record or the list of the fields' names")),
        HeaderEntry::Names(names) => read_names(names).map(Header::Names),
    };
    if let Some(fields) = &section.fields {
        let mistake = Mistake::new("`fields` only goes with `header: none`")
            .help("leave it out: the header tells the number of fields");
        diagnostics.push(fields.wrong(mistake));
    }
    match header {
        Ok(header) => Some(header),
        Err(mistake) => {
            diagnostics.push(given.wrong(mistake));
            None
        }
    }
}

fn read_names(names: &[Scalar]) -> Result<Vec<String>, Mistake> {
    let mut read = Vec::with_capacity(names.len());
    for name in names {
        let Scalar::Text(name) = name else {
            let message = format!("`header`: {name} is not a string");
            let help = format!("write it in quotes: \"{name}\"");
            return Err(Mistake::new(message).help(help));
        };
        read.push(name.clone());
    }
    if let Some(name) = first_repeated(&read) {
        return Err(format!("`header` names the field {name:?} twice").into());
    }
    match read.len() {
        0 => Err("`header` lists no name".into()),
        1..=MAX_FIELDS => Ok(read),
        many => Err(format!("`header` lists {many} names, more than {MAX_FIELDS}").into()),
    }
}

fn first_repeated(names: &[String]) -> Option<&String> {
    let mut seen = BTreeSet::new();
    names.iter().find(|name| !seen.insert(*name))
}

fn read_positions(
    section: &CsvSection,
    columns: &[ColumnEntry],
    diagnostics: &mut Diagnostics,
) -> Option<Header> {
    let Some(given) = &section.fields else {
        let positions = columns.iter().zip(1..).filter_map(|(column, place)| {
            match column.field.as_ref().map(|field| &field.value) {
                None => Some(place),
                Some(field) => position(field),
            }
        });
        return Some(Header::None {
            fields: positions.max().unwrap_or(1),
        });
    };
    let fields = position(&given.value);
    if fields.is_none() {
        diagnostics.push(given.wrong(format!(
            "`fields` must be a whole number from 1 to {MAX_FIELDS}, not {}",
            given.value
        )));
    }
    fields.map(|fields| Header::None { fields })
}

/// The position of a field, or a number of fields, as which a value can serve.
pub(super) fn position(value: &Scalar) -> Option<usize> {
    match value {
        Scalar::Integer(position) => usize::try_from(*position)
            .ok()
            .filter(|position| (1..=MAX_FIELDS).contains(position)),
        _ => None,
    }
}

fn read_short_lines(
    given: Option<&Located<Option<String>>>,
    diagnostics: &mut Diagnostics,
) -> Option<ShortLines> {
    let Some(given) = given else {
        return Some(ShortLines::Reject);
    };
    match given.value.as_deref() {
        Some("reject") => Some(ShortLines::Reject),
        // Without quotes, `null` is YAML's null.
        Some("null") | None => Some(ShortLines::Null),
        Some(other) => {
            let mistake = Mistake::new(format!("unknown `short_lines` {other:?}"))
                .help("write reject or null");
            diagnostics.push(given.wrong(mistake));
            None
        }
    }
}

fn read_encoding(
    given: Option<&Located<String>>,
    diagnostics: &mut Diagnostics,
) -> Option<Encoding> {
    let Some(given) = given else {
        return Some(Encoding::UTF_8);
    };
    let encoding = Encoding::for_label(&given.value);
    if encoding.is_none() {
        let message = format!(
            "`encoding` {:?} is neither utf-8 nor an encoding of one byte a character",
            given.value
        );
        let help = "examples are windows-1252 and iso-8859-15";
        diagnostics.push(given.wrong(Mistake::new(message).help(help)));
    }
    encoding
}
