//! A query's rows as a table, CSV or JSON.

use std::collections::BTreeSet;

use clap::ValueEnum;
use serde_json::Number;

use crate::table::{self, Align};
use crate::{Error, Result};

/// How rows are printed.
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

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as Athena names it, such as `varchar` or `bigint`.
    pub athena_type: String,
}

/// A row: texts as Athena gives them, `None` for NULL.
pub type Row = Vec<Option<String>>;

/// Columns and rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResultTable {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, with a cell for each column.
    pub rows: Vec<Row>,
}

impl Column {
    fn is_number(&self) -> bool {
        let numbers = [
            "tinyint", "smallint", "integer", "int", "bigint", "float", "real", "double", "decimal",
        ];
        numbers.contains(&self.athena_type.as_str())
    }
}

/// The whole text of a result.
///
/// # Errors
/// If two columns of JSON objects would have one name.
pub fn render(result: &ResultTable, format: Format) -> Result<String> {
    match format {
        Format::Table => Ok(as_table(result)),
        Format::Csv => Ok(as_csv(result)),
        Format::Json => as_json(result),
    }
}

fn as_table(result: &ResultTable) -> String {
    let column = |column: &Column| {
        let align = if column.is_number() {
            Align::Right
        } else {
            Align::Left
        };
        (column.name.clone(), align)
    };
    let columns: Vec<_> = result.columns.iter().map(column).collect();
    let cell = |cell: &Option<String>| match cell.as_deref() {
        None => "NULL".to_owned(),
        Some("NULL") => "\"NULL\"".to_owned(),
        Some(text) => text.chars().flat_map(visible).collect(),
    };
    let rows: Vec<Vec<String>> = result
        .rows
        .iter()
        .map(|row| row.iter().map(cell).collect())
        .collect();
    table::render(&columns, &rows)
}

/// A character as it is, or escaped if it would break the table's lines or reach the terminal as a command.
fn visible(character: char) -> Vec<char> {
    match character.is_control() {
        true => character.escape_default().collect(),
        false => vec![character],
    }
}

fn as_csv(result: &ResultTable) -> String {
    let field = |text: &str| {
        let quoted = text.is_empty() || text.contains([',', '"', '\r', '\n']);
        match quoted {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.to_owned(),
        }
    };
    let header: Vec<String> = result
        .columns
        .iter()
        .map(|column| field(&column.name))
        .collect();
    let row = |row: &Row| {
        let fields = row
            .iter()
            .map(|cell| cell.as_deref().map(field).unwrap_or_default());
        fields.collect::<Vec<_>>()
    };
    let records = std::iter::once(header).chain(result.rows.iter().map(row));
    records.map(|record| record.join(",") + "\r\n").collect()
}

fn as_json(result: &ResultTable) -> Result<String> {
    let mut names = BTreeSet::new();
    if let Some(column) = result
        .columns
        .iter()
        .find(|column| !names.insert(&column.name))
    {
        return Err(Error::refused(
            format!("two columns of the result are named {}", column.name),
            "give one another name with AS, or choose another --format",
        ));
    }
    let object = |row: &Row| {
        let members = result.columns.iter().zip(row);
        let members = members
            .map(|(column, cell)| format!("{}:{}", string(&column.name), value(column, cell)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    let objects: Vec<String> = result.rows.iter().map(object).collect();
    Ok(match objects.is_empty() {
        true => "[]\n".to_owned(),
        false => format!("[\n{}\n]\n", objects.join(",\n")),
    })
}

/// A cell as JSON. Numbers keep Athena's digits; `NaN` and `Infinity`, which JSON has not, are texts.
fn value(column: &Column, cell: &Option<String>) -> String {
    let Some(text) = cell else {
        return "null".to_owned();
    };
    let boolean = column.athena_type == "boolean" && matches!(text.as_str(), "true" | "false");
    let number = column.is_number() && serde_json::from_str::<Number>(text).is_ok();
    match boolean || number {
        true => text.clone(),
        false => string(text),
    }
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result() -> ResultTable {
        let column = |(name, athena_type): (&str, &str)| Column {
            name: name.to_owned(),
            athena_type: athena_type.to_owned(),
        };
        let columns = [
            ("name", "varchar"),
            ("n", "bigint"),
            ("ratio", "double"),
            ("ok", "boolean"),
        ];
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
        ResultTable {
            columns: columns.map(column).to_vec(),
            rows: rows
                .map(|row| row.map(|cell| cell.map(str::to_owned)).to_vec())
                .to_vec(),
        }
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
        let rendered = render(&result(), Format::Table).unwrap();
        assert_eq!(rendered.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn csv_is_rfc_4180_and_tells_null_from_the_empty_text() {
        let expected = "name,n,ratio,ok\r\n\
                        \"a,\"\"b\"\"\nc\",9007199254740993,1.5E-4,true\r\n\
                        ,,,\r\n\
                        \"\",-1,NaN,false\r\n\
                        NULL,10,Infinity,\r\n";
        assert_eq!(render(&result(), Format::Csv).unwrap(), expected);
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
        let rendered = render(&result(), Format::Json).unwrap();
        assert_eq!(rendered, expected);
        serde_json::from_str::<serde_json::Value>(&rendered).unwrap();
    }

    #[test]
    fn json_without_rows_is_an_empty_array() {
        let mut result = result();
        result.rows.clear();
        assert_eq!(render(&result, Format::Json).unwrap(), "[]\n");
        result.columns[1].name = "name".to_owned();
        let error = render(&result, Format::Json).unwrap_err();
        assert!(error.to_string().contains("named name"), "{error}");
    }
}
