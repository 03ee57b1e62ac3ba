//! The meaning of a CSV field's text in a column of each type.
#![allow(clippy::unwrap_used)]

mod fixture;

use fixture::{csv_definition, outcomes, record};

/// Decodes a record of one line with one field, and gives the value or the reason without the column's name.
fn value(column: &str, text: &str) -> String {
    let definition = csv_definition("{}", &[column]);
    let quoted = format!("\"{}\"", text.replace('"', "\"\""));
    let [outcome] = outcomes(&definition, &[record(quoted.as_str())])
        .try_into()
        .unwrap();
    match outcome.strip_prefix(&format!("{quoted:?}: column a: ")) {
        Some(reason) => reason.to_owned(),
        None => outcome,
    }
}

fn of_type(column_type: &str, text: &str) -> String {
    value(&format!("{{ name: a, type: {column_type} }}"), text)
}

#[test]
fn nothing_is_null_in_every_type() {
    for column_type in [
        "string",
        "int",
        "bigint",
        "double",
        "boolean",
        "timestamp",
        "date",
    ] {
        assert_eq!(of_type(column_type, ""), "NULL", "{column_type}");
        let required = format!("{{ name: a, type: {column_type}, required: true }}");
        assert_eq!(value(&required, ""), "required, but empty", "{column_type}");
        if column_type != "string" {
            assert_eq!(of_type(column_type, " \t "), "NULL", "{column_type}");
            assert_eq!(
                value(&required, "  "),
                "required, but empty",
                "{column_type}"
            );
        }
    }
}

#[test]
fn blank_string_is_null_only_if_it_is_trimmed() {
    assert_eq!(of_type("string", "  "), "  ");
    assert_eq!(
        value("{ name: a, type: string, trim: true }", " \u{a0}\n"),
        "NULL"
    );
    assert_eq!(
        value(
            "{ name: a, type: string, trim: true, empty_as_null: false }",
            "  "
        ),
        ""
    );
    assert_eq!(
        value(
            "{ name: a, type: string, required: true, empty_as_null: false }",
            ""
        ),
        ""
    );
    assert_eq!(
        value(
            "{ name: a, type: string, trim: true, required: true }",
            "  "
        ),
        "required, but empty"
    );
}

#[test]
fn words_that_mean_null_elsewhere_are_texts() {
    for text in ["NULL", "null", "N/A", "\\N", "nan"] {
        assert_eq!(of_type("string", text), text);
        assert_eq!(
            of_type("double", text),
            format!("expected double, found the string {text:?}")
        );
    }
}

#[test]
fn whole_numbers() {
    for (text, expected) in [
        ("7", "7"),
        ("+7", "7"),
        ("-7", "-7"),
        ("-0", "0"),
        ("0042", "42"),
        (" 42\t", "42"),
        ("\u{a0}42", "42"),
        ("42.0", "42"),
        ("4.2e1", "42"),
        ("2147483647", "2147483647"),
        ("-2147483648", "-2147483648"),
        ("2147483648", "2147483648 is beyond the range of int"),
        ("1e300", "1e300 is beyond the range of int"),
        ("42.5", "expected int, found 42.5"),
    ] {
        assert_eq!(of_type("int", text), expected, "{text:?}");
    }
    for text in [
        "1,234",
        "1.234.567",
        "1 234",
        "1_234",
        "0x2a",
        "--7",
        "+-7",
        "+",
        "e5",
        "4 2",
        "４２",
        "1e999",
        "inf",
        "seven",
    ] {
        let refused = format!("expected int, found the string {text:?}");
        assert_eq!(of_type("int", text), refused);
    }
    assert_eq!(
        of_type("bigint", "9223372036854775807"),
        "9223372036854775807"
    );
    assert_eq!(
        of_type("bigint", "9223372036854775808"),
        "9.223372036854776e18 is beyond the range of bigint"
    );
    assert_eq!(
        value("{ name: a, type: int, max: 50 }", "51"),
        "51 is greater than 50"
    );
}

#[test]
fn doubles_are_the_nearest_to_their_text() {
    for (text, expected) in [
        ("41.881776822", "41.881776822"),
        (" -87.620767948 ", "-87.620767948"),
        ("70", "70.0"),
        ("+.5", "0.5"),
        ("5.", "5.0"),
        ("-0", "-0.0"),
        ("1E3", "1000.0"),
        ("0.1", "0.1"),
        ("9007199254740993", "9007199254740992.0"),
        ("123456789012345678901234567890", "1.2345678901234568e29"),
        ("5e-324", "5e-324"),
    ] {
        assert_eq!(of_type("double", text), expected, "{text:?}");
    }
    for text in [
        "inf",
        "-Infinity",
        "NaN",
        "1e999",
        "1,5",
        "1,234.5",
        "1_0",
        "0x1p3",
        ".",
        "1.2.3",
        "$5",
    ] {
        let refused = format!("expected double, found the string {text:?}");
        assert_eq!(of_type("double", text), refused);
    }
}

#[test]
fn booleans() {
    for text in ["true", "TRUE", "True", " true "] {
        assert_eq!(of_type("boolean", text), "true", "{text:?}");
    }
    for text in ["false", "FALSE", "fAlse\t"] {
        assert_eq!(of_type("boolean", text), "false", "{text:?}");
    }
    for text in ["1", "0", "yes", "Y", "t", "truee"] {
        assert_eq!(
            of_type("boolean", text),
            format!("expected boolean, found the string {text:?}")
        );
    }
}

#[test]
fn timestamps_and_dates() {
    assert_eq!(
        of_type("timestamp", " 2018-01-31 23:59:59.1239 "),
        "2018-01-31 23:59:59.123"
    );
    assert_eq!(of_type("date", " 2018-01-31 "), "2018-01-31");
    let timestamp = |text| {
        value(
            "{ name: a, type: timestamp, format: \"%m/%d/%Y %I:%M:%S %p\" }",
            text,
        )
    };
    for (text, expected) in [
        ("01/31/2018 12:00:00 AM", "2018-01-31 00:00:00.000"),
        ("01/31/2018 12:30:00 pm", "2018-01-31 12:30:00.000"),
        ("01/31/2018 11:59:59 PM", "2018-01-31 23:59:59.000"),
        ("1/31/2018 1:05:09 AM", "2018-01-31 01:05:09.000"),
        ("02/29/2020 12:00:00 AM", "2020-02-29 00:00:00.000"),
    ] {
        assert_eq!(timestamp(text), expected, "{text:?}");
    }
    for text in [
        "02/29/2018 12:00:00 AM",
        "13/01/2018 12:00:00 AM",
        "01/31/2018 00:30:00 AM",
        "01/31/2018 13:00:00 PM",
        "01/31/2018 12:00:00",
        "01/31/18",
        "31.01.2018 12:00:00 AM",
    ] {
        assert_eq!(
            timestamp(text),
            format!("expected timestamp as %m/%d/%Y %I:%M:%S %p, found the string {text:?}")
        );
    }
    assert_eq!(
        value(
            "{ name: a, type: date, format: \"%m/%d/%Y\" }",
            "02/29/2020"
        ),
        "2020-02-29"
    );
    assert_eq!(
        value(
            "{ name: a, type: date, format: \"%m/%d/%Y\" }",
            "02/30/2020"
        ),
        "expected date as %m/%d/%Y, found the string \"02/30/2020\""
    );
}
