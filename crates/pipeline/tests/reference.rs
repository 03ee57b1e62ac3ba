//! Reference tables are typed, and refused where Athena would read something else.
#![allow(clippy::unwrap_used)]

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use twinlake_pipeline::{ColumnType, Reference, ReferenceColumn};

fn table(columns: &[(&str, ColumnType)]) -> Reference {
    let column = |&(name, column_type): &(&str, _)| ReferenceColumn {
        name: name.to_owned(),
        column_type,
    };
    Reference {
        name: "places".to_owned(),
        columns: columns.iter().map(column).collect(),
        sha256: String::new(),
    }
}

fn error(columns: &[(&str, ColumnType)], csv: &[u8]) -> String {
    table(columns).read_csv(csv).unwrap_err().to_string()
}

#[test]
fn every_type_is_read() {
    let table = table(&[
        ("s", ColumnType::String),
        ("i", ColumnType::Int),
        ("l", ColumnType::BigInt),
        ("d", ColumnType::Double),
        ("b", ColumnType::Boolean),
        ("t", ColumnType::Timestamp),
        ("y", ColumnType::Date),
    ]);
    let csv = "s,i,l,d,b,t,y\r\n\"a, \"\"b\"\"\",-7,9000000000,0.1,true,1970-01-01 00:00:01.5,1970-01-02\r\n,,,,,,\r\n";
    let rows = table.read_csv(csv.as_bytes()).unwrap();
    assert_eq!(rows.schema(), table.schema());
    assert_eq!(rows.num_rows(), 2);
    assert_eq!(rows.column(0).as_string::<i32>().value(0), "a, \"b\"");
    assert_eq!(rows.column(1).as_primitive::<Int32Type>().value(0), -7);
    assert_eq!(
        rows.column(2).as_primitive::<Int64Type>().value(0),
        9_000_000_000
    );
    assert_eq!(rows.column(3).as_primitive::<Float64Type>().value(0), 0.1);
    assert!(rows.column(4).as_boolean().value(0));
    assert_eq!(
        rows.column(5)
            .as_primitive::<TimestampMillisecondType>()
            .value(0),
        1_500
    );
    assert_eq!(rows.column(6).as_primitive::<Date32Type>().value(0), 1);
    assert!(
        rows.columns().iter().all(|column| column.is_null(1)),
        "an empty text is NULL"
    );
}

#[test]
fn byte_order_mark_and_missing_line_end_do_not_matter() {
    let rows = table(&[("s", ColumnType::String)])
        .read_csv("\u{feff}s\na".as_bytes())
        .unwrap();
    assert_eq!(rows.column(0).as_string::<i32>().value(0), "a");
}

#[test]
fn table_may_be_empty() {
    assert_eq!(
        table(&[("s", ColumnType::String)])
            .read_csv(b"s\n")
            .unwrap()
            .num_rows(),
        0
    );
}

#[test]
fn wrong_values_are_reported_with_line_and_field() {
    for (column_type, text, problem) in [
        (
            ColumnType::Int,
            "x",
            "column v: expected int, found the string \"x\"",
        ),
        (
            ColumnType::Int,
            " 1",
            "column v: expected int, found the string \" 1\"",
        ),
        (
            ColumnType::Int,
            "1.0",
            "column v: expected int, found the string \"1.0\"",
        ),
        (
            ColumnType::Int,
            "2147483648",
            "column v: 2147483648 is beyond the range of int",
        ),
        (
            ColumnType::BigInt,
            "9223372036854775808",
            "column v: expected bigint, found the string \"9223372036854775808\"",
        ),
        (ColumnType::Double, "1,5", "expected 2 values, found 3"),
        (ColumnType::Double, "inf", "column v: inf is not finite"),
        (ColumnType::Double, "NaN", "column v: NaN is not finite"),
        (
            ColumnType::Boolean,
            "TRUE",
            "column v: expected boolean, found the string \"TRUE\"",
        ),
        (
            ColumnType::Timestamp,
            "1970-01-01",
            "column v: expected a timestamp as YYYY-MM-DD HH:MM:SS.mmm",
        ),
        (
            ColumnType::Date,
            "1970-1-1",
            "column v: expected a date as YYYY-MM-DD",
        ),
        (
            ColumnType::String,
            "a\\b",
            "column v: a backslash, which Athena reads as an escape sign",
        ),
        (
            ColumnType::String,
            "\"a\nb\"",
            "column v: a line break, which Athena reads as the end of the row",
        ),
    ] {
        let csv = format!("k,v\na,\nb,{text}\n");
        let place = if problem.starts_with("expected 2") {
            "3:3"
        } else {
            "3:2"
        };
        let found = error(
            &[("k", ColumnType::String), ("v", column_type)],
            csv.as_bytes(),
        );
        assert_eq!(
            found,
            format!("reference/places.csv:{place}: {problem}"),
            "{text}"
        );
    }
}

#[test]
fn files_of_another_shape_are_refused() {
    let columns = [("k", ColumnType::String), ("v", ColumnType::Int)];
    for (csv, problem) in [
        (
            &b""[..],
            "reference/places.csv:1:1: the header is ``\n  help: the declared columns are `k,v`",
        ),
        (
            b"k\n",
            "reference/places.csv:1:1: the header is `k`\n  help: the declared columns are `k,v`",
        ),
        (
            b"K,v\n",
            "reference/places.csv:1:1: the header is `K,v`\n  help: the declared columns are `k,v`",
        ),
        (
            b"k,v\na\n",
            "reference/places.csv:2:2: expected 2 values, found 1",
        ),
        (
            b"k,v\n\na,1\n",
            "reference/places.csv:2:1: the line is empty",
        ),
        (
            b"k,v\na,1\r\n\r\n",
            "reference/places.csv:3:1: the line is empty",
        ),
        (
            b"k,v\n\xff,1\n",
            "reference/places.csv: not UTF-8 at byte 4\n  help: save the file in UTF-8",
        ),
    ] {
        assert_eq!(error(&columns, csv), problem);
    }
}

#[test]
fn no_more_than_ten_wrong_rows_are_reported() {
    let csv = format!("v\n{}", "x\n".repeat(1_000));
    assert_eq!(
        error(&[("v", ColumnType::Int)], csv.as_bytes())
            .lines()
            .count(),
        10
    );
}
