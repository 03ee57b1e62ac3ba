//! A file of CSV lines, as a pipeline's definition describes them.

use std::io::BufRead;

use twinlake_pipeline::{Column, Csv, Header};

use super::fields::Dialect;
use super::header::is_header;
use super::input::Input;
use super::lines::{Line, Lines};
use crate::{Error, Result};

/// Reads the lines behind a file's header.
pub struct CsvFile {
    input: Input,
    csv: Csv,
    lines: Lines<Box<dyn BufRead>>,
    /// The file's first line, where it is data.
    first: Option<Line>,
    /// The file's first line, where it is the header of each user record.
    header: Option<Vec<u8>>,
    next: u64,
}

impl CsvFile {
    /// Opens the file and reads its header, if it has one.
    ///
    /// # Errors
    /// If it cannot be read, has a header that is not the one of the definition, or lacks the one that it should have.
    pub fn open(input: &Input, csv: &Csv) -> Result<Self> {
        let dialect = Dialect::from(csv);
        let mut file = Self {
            input: input.clone(),
            csv: csv.clone(),
            lines: Lines::new(input.open()?, dialect),
            first: None,
            header: None,
            next: 0,
        };
        let first = match csv.header {
            Header::None { .. } => return Ok(file),
            Header::Record | Header::Names(_) => file.read()?,
        };
        match (&csv.header, first) {
            (Header::Record, Some(line)) => file.header = Some(line.bytes),
            (Header::Names(names), Some(line)) => {
                let is_header = is_header(&texts(dialect, &line.bytes), names).map_err(|differences| {
                    Error::Request(format!(
                        "{input}: its first line is not the header that pipeline.yaml lists: {differences}; write the \
                         names into `header` as the file has them"
                    ))
                })?;
                file.first = (!is_header).then_some(line);
            }
            _ => {}
        }
        Ok(file)
    }

    /// Where it is read from.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// How its lines are written.
    pub fn dialect(&self) -> Dialect {
        Dialect::from(&self.csv)
    }

    /// The line that each user record begins with, if there is one.
    pub fn header(&self) -> Option<&[u8]> {
        self.header.as_deref()
    }

    /// The place of the field, from 0, that a column reads.
    ///
    /// # Errors
    /// If the file's own header does not name it.
    pub fn field_index(&self, column: &Column) -> Result<usize> {
        let in_header = || {
            let names = texts(self.dialect(), self.header.as_deref()?);
            let field = column.field_name()?;
            names.iter().position(|name| name == field)
        };
        self.csv
            .field_index(column)
            .or_else(in_header)
            .ok_or_else(|| {
                Error::Request(format!(
                    "{}: its first line does not name the field of the column `{}`",
                    self.input, column.name
                ))
            })
    }

    /// The place of the next line among the lines that are data, from 0.
    pub fn next_index(&self) -> u64 {
        self.next
    }

    /// The next line, or `None` at the file's end.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<Line>> {
        let line = match self.first.take() {
            Some(line) => Some(line),
            None => self.read()?,
        };
        self.next += u64::from(line.is_some());
        Ok(line)
    }

    /// Passes over lines, until the line at `index` comes next or the file ends.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn skip_to(&mut self, index: u64) -> Result<()> {
        while self.next < index && self.next_line()?.is_some() {}
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Line>> {
        self.lines
            .next_line()
            .map_err(|error| self.input.failed(error))
    }
}

/// The fields' texts; of a line that is not quoted as it should be, none.
fn texts(dialect: Dialect, line: &[u8]) -> Vec<String> {
    let fields = dialect.fields(line).unwrap_or_default();
    let text = |field| dialect.string(&line[field]);
    fields.into_iter().map(text).collect()
}
