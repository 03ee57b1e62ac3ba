//! User records of several lines: each line is a row with an identity of its own.

use preprocess::context::Context;
use serde_json::{Map, Value, json};

use crate::fixture::{aggregate, context_of, identity, plain, record, rejected_bytes, rows_by};

/// Meters that write lines.
const LINES: &str = "
version: 1
name: meters
stream:
  format: csv
  csv:
    header: [id, note, count]
columns:
  - { name: id, type: string, required: true }
  - { name: note, type: string }
  - { name: count, type: int, min: 0 }
";

fn context() -> Context {
    context_of(LINES)
}

/// Sub-record index, line and id or, of a rejected row, bytes.
fn told(rows: &[Map<String, Value>]) -> Vec<(u64, u64, String)> {
    rows.iter()
        .map(|row| {
            let (_, subsequence_number, line) = identity(row);
            let told = match row.get("id") {
                Some(id) => id.as_str().unwrap().to_owned(),
                None => String::from_utf8(rejected_bytes(row)).unwrap(),
            };
            (subsequence_number, line, told)
        })
        .collect()
}

fn expected(rows: &[(u64, u64, &str)]) -> Vec<(u64, u64, String)> {
    rows.iter()
        .map(|(subsequence_number, line, told)| (*subsequence_number, *line, (*told).to_owned()))
        .collect()
}

#[test]
fn each_line_is_a_row() {
    let rows = rows_by(
        &context(),
        &[plain(1, b"a,,1\r\n\r\nb,\"x,\n\"\"y\"\"\",2\nc,z, 3 ")],
    );
    assert_eq!(
        told(&rows[0]),
        expected(&[(0, 0, "a"), (0, 1, "b"), (0, 2, "c")])
    );
    assert!(!rows[0][0].contains_key("note") || rows[0][0]["note"].is_null());
    assert_eq!(rows[0][1]["note"], "x,\n\"y\"");
    assert_eq!(rows[0][2]["count"], 3);
}

#[test]
fn a_bad_line_is_rejected_alone() {
    for (bad, reason) in [
        ("b,,-1", "column count: -1 is less than 0"),
        (",,1", "column id: required"),
        ("b,,1,2", "more than 3 fields"),
        ("b,", "fewer than 3 fields"),
        ("b,\"x,1", "without a closing quote"),
        ("b,x\"y\",1", "a quote within an unquoted field"),
        ("id,note,count", "header line"),
    ] {
        let record = plain(1, format!("a,,1\n{bad}\nc,,3\n").as_bytes());
        let rows = rows_by(&context(), &[record]).remove(0);
        let mut found = told(&rows);
        found.sort();
        let mut wanted = expected(&[(0, 0, "a"), (0, 1, bad), (0, 2, "c")]);
        wanted.sort();
        assert_eq!(found, wanted);
        let reasons: Vec<_> = rows.iter().filter_map(|row| row.get("_reject")).collect();
        assert_eq!(reasons.len(), 1);
        assert!(reasons[0].as_str().unwrap().contains(reason), "{reasons:?}");
    }
}

#[test]
fn lines_of_parts_have_both_indices() {
    let inside = aggregate(&[b"a,,1\nb,,2".to_vec(), b"c,,x\nd,,4".to_vec()]);
    let rows = rows_by(
        &context(),
        &[
            plain(1, &inside),
            record("part", "500", json!(7), b"e,,5\nf,,6"),
        ],
    );
    let mut found = told(&rows[0]);
    found.sort();
    assert_eq!(
        found,
        expected(&[(0, 0, "a"), (0, 1, "b"), (1, 0, "c,,x"), (1, 1, "d")])
    );
    assert_eq!(told(&rows[1]), expected(&[(7, 0, "e"), (7, 1, "f")]));
}

#[test]
fn a_record_without_lines_is_one_rejected_row() {
    for bytes in ["", "\n", "\r\n\r\n"] {
        let rows = rows_by(&context(), &[plain(1, bytes.as_bytes())]).remove(0);
        assert_eq!(told(&rows), expected(&[(0, 0, bytes)]));
        assert_eq!(rows[0]["_reject"], "empty record");
    }
}
