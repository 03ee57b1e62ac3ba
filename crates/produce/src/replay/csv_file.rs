//! A file of CSV lines in the form that a pipeline's definition describes, with or without a header.

use std::collections::BTreeSet;
use std::io::BufRead;

use twinlake_kpl::MAX_RECORD_BYTES;
use twinlake_pipeline::csv::{FieldSplitter, Limits, LineReader, NumberedLine};
use twinlake_pipeline::{Column, Csv, Header};

use crate::replay::input::Input;
use crate::{Error, Result};

/// The lines that are kept whole: all that a stream record can hold. The search for a closing quote ends after 64 KiB.
const LIMITS: Limits = Limits {
    line_bytes: MAX_RECORD_BYTES,
    quoted_bytes: 64 << 10,
};

/// A reader of the lines behind a file's header.
pub struct CsvFile {
    input: Input,
    csv: Csv,
    lines: LineReader<Box<dyn BufRead>>,
    /// The file's first line, if it was read and is data.
    first: Option<NumberedLine>,
    /// The file's first line, if it is the header of each user record.
    header: Option<NumberedLine>,
    next: u64,
}

impl CsvFile {
    /// Opens the file and reads its header, if it has one.
    ///
    /// # Errors
    /// If the file cannot be read, or its header is not the one that the definition lists.
    pub fn open(input: &Input, csv: &Csv) -> Result<Self> {
        let mut file = Self {
            input: input.clone(),
            csv: csv.clone(),
            lines: LineReader::new(input.open()?, csv.dialect(), LIMITS),
            first: None,
            header: None,
            next: 0,
        };
        let first = match csv.header {
            Header::None { .. } => return Ok(file),
            Header::Record | Header::Names(_) => file.read()?,
        };
        match (&csv.header, first) {
            (Header::Record, line) => file.header = line,
            (Header::Names(names), Some(line)) => {
                let is_header = is_header(&texts(csv, &line), names).map_err(|differences| {
                    Error::refused_with(
                        format!("the first line of {input} is not the header that pipeline.yaml lists: {differences}"),
                        "write the names into `header` as the file has them",
                    )
                })?;
                file.first = (!is_header).then_some(line);
            }
            _ => {}
        }
        Ok(file)
    }

    /// The source of the file.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// The form of the lines.
    pub fn csv(&self) -> &Csv {
        &self.csv
    }

    /// The line with which each user record begins, if there is one.
    pub fn header(&self) -> Option<&[u8]> {
        self.header.as_ref().map(|line| line.bytes.as_slice())
    }

    /// The index of the field that a column reads, counted from 0.
    ///
    /// # Errors
    /// If the file's own header does not name the field.
    pub fn field_index(&self, column: &Column) -> Result<usize> {
        let in_header = || {
            let names = texts(&self.csv, self.header.as_ref()?);
            let field = column.field_name()?;
            names.iter().position(|name| name == field)
        };
        self.csv
            .field_index(column)
            .or_else(in_header)
            .ok_or_else(|| {
                Error::refused(format!(
                    "the first line of {} does not name the field of the column `{}`",
                    self.input, column.name
                ))
            })
    }

    /// The index of the next line among the lines that are data, counted from 0.
    pub fn next_index(&self) -> u64 {
        self.next
    }

    /// The next line, or `None` at the file's end.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<NumberedLine>> {
        let line = match self.first.take() {
            Some(line) => Some(line),
            None => self.read()?,
        };
        self.next += u64::from(line.is_some());
        Ok(line)
    }

    /// Passes over lines until the line at `index` comes next, or the file ends.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn skip_to(&mut self, index: u64) -> Result<()> {
        while self.next < index && self.next_line()?.is_some() {}
        Ok(())
    }

    fn read(&mut self) -> Result<Option<NumberedLine>> {
        self.lines
            .next_line()
            .map_err(|error| self.input.failed(error))
    }
}

/// The texts of a line's fields; none if its quotes are misplaced.
fn texts(csv: &Csv, line: &NumberedLine) -> Vec<String> {
    let dialect = csv.dialect();
    let mut splitter = FieldSplitter::new(dialect);
    let Some(fields) = splitter.split(line.as_line(), usize::MAX) else {
        return Vec::new();
    };
    let text = |field| {
        let field = csv.encoding.decode_lossy(&line.bytes[field]);
        dialect.unquote(&field).into_owned()
    };
    fields.iter().map(text).collect()
}

/// Reports whether the first line of a file is the header that the pipeline's definition lists, and not data.
///
/// # Errors
/// The differences, if the line is another header: a line is a header if it holds at least half of the listed names.
fn is_header(first_line: &[String], names: &[String]) -> std::result::Result<bool, String> {
    if first_line == names {
        return Ok(true);
    }
    let of_file: BTreeSet<&String> = first_line.iter().collect();
    let listed: BTreeSet<&String> = names.iter().collect();
    if 2 * of_file.intersection(&listed).count() < listed.len() {
        return Ok(false);
    }
    let missing = quoted(listed.difference(&of_file));
    let additional = quoted(of_file.difference(&listed));
    let mut differences = Vec::new();
    if !missing.is_empty() {
        differences.push(format!("it lacks {missing}"));
    }
    if !additional.is_empty() {
        differences.push(format!("it also has {additional}"));
    }
    if differences.is_empty() {
        differences.extend(order(first_line, names));
    }
    Err(differences.join("; "))
}

/// The first difference of two lines with the same names: another order, or a name that is there twice.
fn order(first_line: &[String], names: &[String]) -> Option<String> {
    let name = |fields: &[String], at: usize| match fields.get(at) {
        Some(name) => format!("`{name}`"),
        None => "missing".to_owned(),
    };
    let at =
        (0..first_line.len().max(names.len())).find(|at| first_line.get(*at) != names.get(*at))?;
    let (found, expected) = (name(first_line, at), name(names, at));
    Some(format!(
        "its field {} is {found} instead of {expected}",
        at + 1
    ))
}

fn quoted<'a>(names: impl Iterator<Item = &'a &'a String>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn the_listed_header_is_one_and_data_is_none() {
        let listed = names("Date,Block,Ward");
        assert_eq!(is_header(&listed, &listed), Ok(true));
        assert_eq!(is_header(&names("01/01/2018,Block,3"), &listed), Ok(false));
        assert_eq!(is_header(&names("date,block,ward"), &listed), Ok(false));
        assert_eq!(is_header(&[], &listed), Ok(false));
    }

    #[test]
    fn another_header_is_told_by_what_differs() {
        let listed = names("Date,Block,Ward");
        let judge = |first_line: &str| is_header(&names(first_line), &listed).unwrap_err();
        assert_eq!(
            judge("Block,Date,Ward"),
            "its field 1 is `Block` instead of `Date`"
        );
        assert_eq!(
            judge("ID,Date,Block,Beat"),
            "it lacks `Ward`; it also has `Beat`, `ID`"
        );
        assert_eq!(
            judge("Date,Block,Ward,Ward"),
            "its field 4 is `Ward` instead of missing"
        );
    }
}
