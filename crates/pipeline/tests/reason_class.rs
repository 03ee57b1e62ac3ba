//! Each rejected record is counted by the exact class of its reason, in either format.
#![allow(clippy::unwrap_used)]

mod fixture;

use fixture::{csv_definition, definition_with_columns, record};
use twinlake_pipeline::ReasonClass::{Aggregate, Empty, Malformed, Missing, Rule, TooLarge, Type};
use twinlake_pipeline::{Decoder, Definition, ReasonClass, UserRecord};

/// Columns with every rule that a class depends on.
const COLUMNS: [&str; 6] = [
    "{ name: id, type: string, required: true, trim: true, empty_as_null: true, max_length: 3, one_of: [a, b, abcd] }",
    "{ name: n, type: int, min: 0, one_of: [1, 7, 2147483647] }",
    "{ name: x, type: double, required: true, max: 150 }",
    "{ name: ok, type: boolean, true_values: [Y], false_values: [N] }",
    "{ name: at, type: timestamp, format: \"%d.%m.%Y %H:%M\" }",
    "{ name: born, type: date }",
];

fn class_of(definition: &Definition, record: UserRecord) -> (ReasonClass, String) {
    let decoded = Decoder::new(definition).decode(&[record]);
    assert_eq!(decoded.events.num_rows(), 0);
    let [rejected] = decoded.rejected.try_into().unwrap();
    (rejected.class, rejected.reason)
}

fn check(definition: &Definition, cases: &[(&str, ReasonClass, &str)]) {
    for (data, class, reason) in cases {
        let found = class_of(definition, record(*data));
        assert_eq!(found, (*class, (*reason).to_owned()), "{data:?}");
    }
    let mut classes: Vec<_> = cases.iter().map(|(_, class, _)| *class).collect();
    // A damaged aggregate is a matter of the stream record, whatever the format.
    let damaged = UserRecord {
        fault: Some("no such key".to_owned()),
        ..record(cases[0].0)
    };
    let (class, reason) = class_of(definition, damaged);
    assert_eq!((class, reason.as_str()), (Aggregate, "no such key"));
    classes.push(class);
    // So are rows that are too large together: these bytes alone are, in base64.
    let (class, _) = class_of(definition, record("x".repeat(3_400_000)));
    assert_eq!(class, TooLarge);
    classes.push(class);
    for class in ReasonClass::ALL {
        assert!(classes.contains(&class), "no case of {class}");
    }
}

#[test]
fn json() {
    let timestamp = "expected timestamp as %d.%m.%Y %H:%M, found the string \"2026-11-20\"";
    check(
        &definition_with_columns(&COLUMNS),
        &[
            ("", Empty, "empty record"),
            (
                "{",
                Malformed,
                "not JSON: EOF while parsing an object at line 1 column 1",
            ),
            (
                "[]",
                Malformed,
                "invalid type: sequence, expected a JSON object at line 1 column 2",
            ),
            (
                r#"{"id":"a","id":"a"}"#,
                Malformed,
                "column id: given more than once",
            ),
            (r#"{"x":1}"#, Missing, "column id: required, but missing"),
            (
                r#"{"id":null,"x":1}"#,
                Missing,
                "column id: required, but null",
            ),
            (
                r#"{"id":"  ","x":1}"#,
                Missing,
                "column id: required, but empty",
            ),
            (
                r#"{"id":1,"x":1}"#,
                Type,
                "column id: expected string, found 1",
            ),
            (
                r#"{"id":"a","n":1.5}"#,
                Type,
                "column n: expected int, found 1.5",
            ),
            (
                r#"{"id":"a","n":"1"}"#,
                Type,
                "column n: expected int, found the string \"1\"",
            ),
            (
                r#"{"id":"a","n":1e300}"#,
                Type,
                "column n: 1e300 is beyond the range of int",
            ),
            (
                r#"{"id":"a","x":[]}"#,
                Type,
                "column x: expected double, found an array",
            ),
            (
                r#"{"id":"a","x":1,"ok":"J"}"#,
                Type,
                "column ok: expected boolean, found the string \"J\"",
            ),
            (
                r#"{"id":"a","x":1,"at":"2026-11-20"}"#,
                Type,
                &format!("column at: {timestamp}"),
            ),
            (
                r#"{"id":"a","x":1,"born":{}}"#,
                Type,
                "column born: expected date, found an object",
            ),
            (
                r#"{"id":"c","x":1}"#,
                Rule,
                "column id: \"c\" is not one of the values allowed",
            ),
            (
                r#"{"id":"abcd","x":1}"#,
                Rule,
                "column id: 4 characters, more than 3",
            ),
            (r#"{"id":"a","n":-1}"#, Rule, "column n: -1 is less than 0"),
            (
                r#"{"id":"a","n":2}"#,
                Rule,
                "column n: 2 is not one of the values allowed",
            ),
            (
                r#"{"id":"a","x":151}"#,
                Rule,
                "column x: 151.0 is greater than 150.0",
            ),
        ],
    );
}

#[test]
fn a_number_beyond_a_type_without_bounds_is_of_no_type() {
    let definition = definition_with_columns(&["{ name: n, type: int }"]);
    let found = class_of(&definition, record(r#"{"n":2147483648}"#));
    let reason = "column n: 2147483648 is beyond the range of int";
    assert_eq!(found, (Type, reason.to_owned()));
}

#[test]
fn csv() {
    let date = "expected date as %Y-%m-%d, found the string \"yesterday\"";
    check(
        &csv_definition("{ header: [id, n, x, ok, at, born] }", &COLUMNS),
        &[
            ("\r\n", Empty, "empty record"),
            ("a,1,1", Malformed, "fewer than 6 fields: 3"),
            ("a,1,1,Y,,,", Malformed, "more than 6 fields"),
            (
                "a,1\"1,1,Y,,",
                Malformed,
                "a quote within an unquoted field",
            ),
            ("id,n,x,ok,at,born", Malformed, "header line"),
            (" ,1,1,Y,,", Missing, "column id: required, but empty"),
            ("a,1,,Y,,", Missing, "column x: required, but empty"),
            ("a,1.5,1,Y,,", Type, "column n: expected int, found 1.5"),
            (
                "a,one,1,Y,,",
                Type,
                "column n: expected int, found the string \"one\"",
            ),
            (
                "a,1,inf,Y,,",
                Type,
                "column x: expected double, found the string \"inf\"",
            ),
            (
                "a,1,1,J,,",
                Type,
                "column ok: expected boolean, found the string \"J\"",
            ),
            ("a,1,1,Y,,yesterday", Type, &format!("column born: {date}")),
            (
                "c,1,1,Y,,",
                Rule,
                "column id: \"c\" is not one of the values allowed",
            ),
            ("abcd,1,1,Y,,", Rule, "column id: 4 characters, more than 3"),
            ("a,-1,1,Y,,", Rule, "column n: -1 is less than 0"),
            ("a,1,151,Y,,", Rule, "column x: 151.0 is greater than 150.0"),
        ],
    );
    let with_header = csv_definition("{ header: record }", &["{ name: a, type: string }"]);
    let reason = "the header has no field \"a\"".to_owned();
    let found = class_of(&with_header, record("b\n1"));
    assert_eq!(found, (Malformed, reason));
}
