//! Rows as a table, CSV or JSON.

use std::collections::BTreeSet;
use std::io::Write;

use clap::ValueEnum;
use serde_json::Number;
use twinlake_lake::query::{ResultColumn, Rows};

use crate::table::{self, Align};
use crate::{Error, Result};

/// Types whose values are numbers in JSON, and stand to the right in a table.
const NUMBERS: [&str; 9] = [
    "tinyint", "smallint", "integer", "int", "bigint", "float", "real", "double", "decimal",
];

/// The format of printed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people: NULL is `NULL`, the text "NULL" stands in quotes.
    #[default]
    Table,
    /// RFC 4180 with a header: NULL is nothing, the empty text is `""`.
    Csv,
    /// An array of one object for each row, one a line; numbers, booleans and NULL as JSON has them.
    Json,
}

/// A printer of the pages of one result. CSV and JSON are written as the pages come. A table is written at the end, since
/// each of its columns is as wide as its widest value.
pub struct Printer<W> {
    format: Format,
    columns: Vec<ResultColumn>,
    output: W,
    /// The rows of a table, as they will be shown.
    table: Vec<Vec<String>>,
    printed: u64,
}

impl<W: Write> Printer<W> {
    /// Begins a result with these columns.
    ///
    /// # Errors
    /// If two members of JSON objects would have one name, or the output cannot be written.
    pub fn new(format: Format, columns: Vec<ResultColumn>, output: W) -> Result<Self> {
        let mut printer = Self {
            format,
            columns,
            output,
            table: Vec::new(),
            printed: 0,
        };
        match format {
            Format::Table => {}
            Format::Csv => {
                let names = printer.columns.iter().map(|column| csv_field(&column.name));
                let header = names.collect::<Vec<_>>().join(",");
                write!(printer.output, "{header}\r\n")?;
            }
            Format::Json => check_names(&printer.columns)?,
        }
        Ok(printer)
    }

    /// Prints the rows of a page, each with a value for each column.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn print(&mut self, rows: &Rows) -> Result<()> {
        for row in rows {
            match self.format {
                Format::Table => self.table.push(row.iter().map(table_cell).collect()),
                Format::Csv => {
                    let fields = row
                        .iter()
                        .map(|value| value.as_deref().map(csv_field).unwrap_or_default());
                    let record = fields.collect::<Vec<_>>().join(",");
                    write!(self.output, "{record}\r\n")?;
                }
                Format::Json => {
                    let separator = if self.printed == 0 { "[\n" } else { ",\n" };
                    let object = json_object(&self.columns, row);
                    write!(self.output, "{separator}{object}")?;
                }
            }
            self.printed += 1;
        }
        Ok(())
    }

    /// Ends the result. Returns the number of rows.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn finish(mut self) -> Result<u64> {
        match self.format {
            Format::Table => {
                let column = |column: &ResultColumn| {
                    let align = match NUMBERS.contains(&column.athena_type.as_str()) {
                        true => Align::Right,
                        false => Align::Left,
                    };
                    (column.name.clone(), align)
                };
                let columns: Vec<_> = self.columns.iter().map(column).collect();
                let table = table::render(&columns, &self.table);
                self.output.write_all(table.as_bytes())?;
            }
            Format::Csv => {}
            Format::Json if self.printed == 0 => self.output.write_all(b"[]\n")?,
            Format::Json => self.output.write_all(b"\n]\n")?,
        }
        self.output.flush()?;
        Ok(self.printed)
    }
}

fn table_cell(value: &Option<String>) -> String {
    match value.as_deref() {
        None => "NULL".to_owned(),
        Some("NULL") => "\"NULL\"".to_owned(),
        Some(text) => text.chars().flat_map(visible).collect(),
    }
}

/// A character as it is, or escaped if it would break the table's lines or reach the terminal as a command.
fn visible(character: char) -> Vec<char> {
    match character.is_control() {
        true => character.escape_default().collect(),
        false => vec![character],
    }
}

fn csv_field(text: &str) -> String {
    let quoted = text.is_empty() || text.contains([',', '"', '\r', '\n']);
    match quoted {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

fn check_names(columns: &[ResultColumn]) -> Result<()> {
    let mut names = BTreeSet::new();
    match columns.iter().find(|column| !names.insert(&column.name)) {
        None => Ok(()),
        Some(column) => Err(Error::refused(
            format!("two columns of the result are named {}", column.name),
            "give one another name with AS, or choose another --format",
        )),
    }
}

fn json_object(columns: &[ResultColumn], row: &[Option<String>]) -> String {
    let members = columns.iter().zip(row);
    let members = members.map(|(column, value)| {
        format!(
            "{}:{}",
            json_string(&column.name),
            json_value(column, value)
        )
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// A value as JSON. Numbers keep Athena's digits; `NaN` and `Infinity`, which JSON lacks, are texts.
fn json_value(column: &ResultColumn, value: &Option<String>) -> String {
    let Some(text) = value else {
        return "null".to_owned();
    };
    let athena_type = column.athena_type.as_str();
    let is_boolean = athena_type == "boolean" && matches!(text.as_str(), "true" | "false");
    let is_number = NUMBERS.contains(&athena_type) && serde_json::from_str::<Number>(text).is_ok();
    match is_boolean || is_number {
        true => text.clone(),
        false => json_string(text),
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<ResultColumn> {
        let column = |(name, athena_type): (&str, &str)| ResultColumn {
            name: name.to_owned(),
            athena_type: athena_type.to_owned(),
        };
        let columns = [
            ("name", "varchar"),
            ("n", "bigint"),
            ("ratio", "double"),
            ("ok", "boolean"),
        ];
        columns.map(column).to_vec()
    }

    fn rows() -> Rows {
        let rows = [
            [
                Some("a,\"b\"\nc"),
                Some("9007199254740993"),
                Some("1.5E-4"),
                Some("true"),
            ],
            [None, None, None, None],
            [Some(""), Some("-1"), Some("NaN"), Some("false")],
            [Some("NULL"), Some("10"), Some("Infinity"), None],
        ];
        rows.map(|row| row.map(|value| value.map(str::to_owned)).to_vec())
            .to_vec()
    }

    /// The text of the rows, printed in pages of one row.
    fn print(format: Format, columns: Vec<ResultColumn>, rows: &Rows) -> Result<String> {
        let mut output = Vec::new();
        let mut printer = Printer::new(format, columns, &mut output)?;
        for row in rows {
            printer.print(&vec![row.clone()])?;
        }
        assert_eq!(printer.finish()?, rows.len() as u64);
        Ok(String::from_utf8(output).unwrap())
    }

    #[test]
    fn a_table_tells_null_from_texts_and_stays_in_its_lines() {
        let expected = [
            r#"name                     n     ratio  ok"#,
            r#"--------  ----------------  --------  -----"#,
            r#"a,"b"\nc  9007199254740993    1.5E-4  true"#,
            r#"NULL                  NULL      NULL  NULL"#,
            r#"                        -1       NaN  false"#,
            r#""NULL"                  10  Infinity  NULL"#,
        ];
        let rendered = print(Format::Table, columns(), &rows()).unwrap();
        assert_eq!(rendered.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn csv_is_rfc_4180_and_tells_null_from_the_empty_text() {
        let expected = "name,n,ratio,ok\r\n\
                        \"a,\"\"b\"\"\nc\",9007199254740993,1.5E-4,true\r\n\
                        ,,,\r\n\
                        \"\",-1,NaN,false\r\n\
                        NULL,10,Infinity,\r\n";
        assert_eq!(print(Format::Csv, columns(), &rows()).unwrap(), expected);
    }

    #[test]
    fn json_is_typed_and_keeps_every_digit() {
        let expected = concat!(
            "[\n",
            r#"{"name":"a,\"b\"\nc","n":9007199254740993,"ratio":1.5E-4,"ok":true},"#,
            "\n",
            r#"{"name":null,"n":null,"ratio":null,"ok":null},"#,
            "\n",
            r#"{"name":"","n":-1,"ratio":"NaN","ok":false},"#,
            "\n",
            r#"{"name":"NULL","n":10,"ratio":"Infinity","ok":null}"#,
            "\n]\n"
        );
        let rendered = print(Format::Json, columns(), &rows()).unwrap();
        assert_eq!(rendered, expected);
        serde_json::from_str::<serde_json::Value>(&rendered).unwrap();
    }

    #[test]
    fn json_without_rows_is_an_empty_array() {
        let empty = Rows::new();
        assert_eq!(print(Format::Json, columns(), &empty).unwrap(), "[]\n");
    }

    #[test]
    fn json_refuses_two_members_of_one_name() {
        let mut columns = columns();
        columns[1].name = "name".to_owned();
        let error = print(Format::Json, columns, &rows()).unwrap_err();
        assert!(error.to_string().contains("named name"), "{error}");
    }
}
