//! Rules that clean values, for CSV and JSON alike.
#![allow(clippy::unwrap_used)]

mod fixture;

use fixture::{csv_definition, definition_with_columns, outcomes, record};

/// The outcome of a text in a column `a`: its value, or the reason for which its record is rejected.
fn in_csv(column: &str, text: &str) -> String {
    let line = format!("\"{text}\"");
    let [outcome] = outcomes(&csv_definition("{}", &[column]), &[record(line.as_str())])
        .try_into()
        .unwrap();
    without_bytes(&outcome, &line)
}

fn in_json(column: &str, value: &str) -> String {
    let event = format!("{{\"a\":{value}}}");
    let definition = definition_with_columns(&[column]);
    let [outcome] = outcomes(&definition, &[record(event.as_str())])
        .try_into()
        .unwrap();
    without_bytes(&outcome, &event)
}

fn without_bytes(outcome: &str, bytes: &str) -> String {
    let reason = outcome.strip_prefix(&format!("{bytes:?}: column a: "));
    reason.unwrap_or(outcome).to_owned()
}

#[test]
fn old_spellings_are_mapped_to_new_ones() {
    let column = "{ name: a, type: string, trim: true, upper: true, max_length: 10, one_of: [B, C, LONG], \
                  map: { A: B, B: A, LONGER THAN TEN: LONG, MISSING: \"\", \"\": C } }";
    for (text, expected) in [
        ("A", "B"),
        (" a\t", "B"),
        ("C", "C"),
        // One look-up: what comes out is not looked up again.
        ("B", "\"A\" is not one of the values allowed"),
        ("longer than ten", "LONG"),
        ("longer than eleven", "18 characters, more than 10"),
        (" missing ", "NULL"),
        ("  ", "C"),
    ] {
        assert_eq!(in_csv(column, text), expected, "{text:?}");
    }
    let column = column.replace("name: a", "name: a, empty_as_null: true");
    for (text, expected) in [
        ("\" a\"", "B"),
        ("\"missing\"", "NULL"),
        ("\"\"", "C"),
        ("null", "NULL"),
    ] {
        assert_eq!(in_json(&column, text), expected, "{text}");
    }
}

#[test]
fn empty_texts_are_null_in_csv_and_texts_in_json_unless_told_otherwise() {
    let plain = "{ name: a, type: string }";
    let null = "{ name: a, type: string, empty_as_null: true }";
    let text = "{ name: a, type: string, empty_as_null: false }";
    let required = "{ name: a, type: string, empty_as_null: true, required: true, trim: true }";
    assert_eq!(
        [plain, null, text].map(|column| in_csv(column, "")),
        ["NULL", "NULL", ""]
    );
    assert_eq!(
        [plain, null, text].map(|column| in_json(column, "\"\"")),
        ["", "NULL", ""]
    );
    assert_eq!(in_json(required, "\" \""), "required, but empty");
    assert_eq!(in_json(required, "null"), "required, but null");
}

#[test]
fn booleans_may_have_texts_of_their_own() {
    let both = "{ name: a, type: boolean, true_values: [Y, \"1\", Sí], false_values: [N, \"0\", \" - \"] }";
    for (text, expected) in [
        ("Y", "true"),
        (" y ", "true"),
        ("1", "true"),
        ("Sí", "true"),
        ("N", "false"),
        ("-", "false"),
        ("SÍ", "expected boolean, found the string \"SÍ\""),
        ("true", "expected boolean, found the string \"true\""),
    ] {
        assert_eq!(in_csv(both, text), expected, "{text:?}");
        assert_eq!(in_json(both, &format!("{text:?}")), expected, "{text:?}");
    }
    assert_eq!(in_csv(both, " "), "NULL");
    assert_eq!(
        in_json(both, "\" \""),
        "expected boolean, found the string \" \""
    );
    assert_eq!(in_json(both, "true"), "true");
    assert_eq!(in_json(both, "1"), "expected boolean, found 1");
    let one = "{ name: a, type: boolean, true_values: [x] }";
    assert_eq!(
        ["X", "False", "true"].map(|text| in_csv(one, text)),
        [
            "true",
            "false",
            "expected boolean, found the string \"true\""
        ]
    );
}

#[test]
fn several_columns_may_read_one_field() {
    let columns = [
        "{ name: utc, field: When it was, type: timestamp, timezone: America/Chicago }",
        "{ name: local, field: When it was, type: timestamp }",
        "{ name: written, field: When it was, type: string, max_length: 25 }",
        "{ name: other, type: int }",
    ];
    let expected = ["2018-07-01 05:30:00.000|2018-07-01 00:30:00.000|2018-07-01 00:30:00|7"];
    let json = definition_with_columns(&columns);
    let event = r#"{"other":7,"When it was":"2018-07-01 00:30:00","local":"x"}"#;
    assert_eq!(outcomes(&json, &[record(event)]), expected);
    let csv = csv_definition("{ header: [When it was, other] }", &columns);
    assert_eq!(outcomes(&csv, &[record("2018-07-01 00:30:00,7")]), expected);
    let twice = r#"{"other":7,"When it was":null,"When it was":null}"#;
    assert_eq!(
        outcomes(&json, &[record(twice)]),
        [format!("{twice:?}: column utc: given more than once")]
    );
}

#[test]
fn json_key_may_be_any_text() {
    let definition = definition_with_columns(&[
        "{ name: a, field: \"\\\"é\\n\", type: int }",
        "{ name: b, field: a, type: int }",
    ]);
    assert_eq!(
        outcomes(&definition, &[record(r#"{"a":1,"\"\u00e9\n":2,"b":3}"#)]),
        ["2|1"]
    );
}
