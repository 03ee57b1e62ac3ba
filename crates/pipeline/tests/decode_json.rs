//! JSON records become events, or are rejected with a reason.
#![allow(clippy::unwrap_used)]

mod fixture;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use fixture::{definition_with_columns, record, thermostats};
use twinlake_pipeline::{Decoder, Definition, Origin, UserRecord};

/// Decodes one record: the event's batch or the reason.
fn decode(definition: &Definition, data: impl Into<Vec<u8>>) -> Result<RecordBatch, String> {
    let mut decoded = Decoder::new(definition).decode(&[record(data)]);
    assert_eq!(decoded.events.num_rows() + decoded.rejected.len(), 1);
    assert_eq!(decoded.origins.len(), decoded.events.num_rows());
    match decoded.rejected.pop() {
        Some(rejected) => Err(rejected.reason),
        None => Ok(decoded.events),
    }
}

/// Decodes `{"a": value}` with one column `a`.
fn decode_value(column: &str, value: &str) -> Result<RecordBatch, String> {
    decode(
        &definition_with_columns(&[column]),
        format!("{{\"a\": {value}}}"),
    )
}

fn double(value: &str) -> Result<f64, String> {
    decode_value("{ name: a, type: double }", value)
        .map(|events| events.column(0).as_primitive::<Float64Type>().value(0))
}

fn int(value: &str) -> Result<i32, String> {
    decode_value("{ name: a, type: int }", value)
        .map(|events| events.column(0).as_primitive::<Int32Type>().value(0))
}

fn bigint(value: &str) -> Result<i64, String> {
    decode_value("{ name: a, type: bigint }", value)
        .map(|events| events.column(0).as_primitive::<Int64Type>().value(0))
}

fn text(rules: &str, value: &str) -> Result<String, String> {
    let column = format!("{{ name: a, type: string{rules} }}");
    decode_value(&column, value)
        .map(|events| events.column(0).as_string::<i32>().value(0).to_owned())
}

fn rejected<T>(reason: &str) -> Result<T, String> {
    Err(reason.to_owned())
}

#[test]
fn thermostat_event() {
    let definition = thermostats();
    let event = r#"{"uuid":"u-1","deviceid":" device-0001 ","devicets":"2026-11-20 12:34:56.789","temp":70}"#;
    let events = decode(&definition, event).unwrap();
    assert_eq!(events.schema(), definition.schema());
    assert_eq!(events.column(0).as_string::<i32>().value(0), "u-1");
    assert_eq!(events.column(1).as_string::<i32>().value(0), "device-0001");
    assert_eq!(
        events
            .column(2)
            .as_primitive::<TimestampMillisecondType>()
            .value(0),
        1_795_178_096_789
    );
    assert_eq!(
        events.column(3).as_primitive::<Float64Type>().value(0),
        70.0
    );
}

#[test]
fn keys_may_come_in_any_order_among_others() {
    let event = r#" {"temp":70.5,"x":[1,{"y":"\ud800"}],"devicets":"2026-11-20 12:34:56","deviceid":"d","x":2,"uuid":"u"} "#;
    let events = decode(&thermostats(), event).unwrap();
    assert_eq!(events.column(0).as_string::<i32>().value(0), "u");
    assert_eq!(
        events.column(3).as_primitive::<Float64Type>().value(0),
        70.5
    );
}

#[test]
fn doubles_are_exact() {
    for text in [
        "0.1",
        "1e300",
        "-2.5e-308",
        "5e-324",
        "123456789012345680000",
        "9007199254740993",
        "0.30000000000000004",
    ] {
        assert_eq!(
            double(text).unwrap(),
            text.parse::<f64>().unwrap(),
            "{text}"
        );
    }
    assert_eq!(double("-0.0").unwrap().to_bits(), (-0.0_f64).to_bits());
    assert_eq!(
        double("18446744073709551615").unwrap(),
        18_446_744_073_709_551_615.0
    );
    assert_eq!(
        double("1e999"),
        rejected("not JSON: number out of range at line 1 column 11")
    );
    for wrong in ["\"70\"", "NaN", "true", "[70]", "{\"value\": 70}"] {
        assert!(double(wrong).is_err(), "{wrong}");
    }
    assert_eq!(
        double("\"70\""),
        rejected("column a: expected double, found the string \"70\"")
    );
    assert_eq!(
        double("[70]"),
        rejected("column a: expected double, found an array")
    );
    assert_eq!(
        double("{\"value\": 70}"),
        rejected("column a: expected double, found an object")
    );
}

#[test]
fn integers_are_whole_and_in_range() {
    assert_eq!(int("-2147483648"), Ok(i32::MIN));
    assert_eq!(int("2147483647"), Ok(i32::MAX));
    assert_eq!(
        int("2147483648"),
        rejected("column a: 2147483648 is beyond the range of int")
    );
    assert_eq!(int("70.0"), Ok(70));
    assert_eq!(int("7e1"), Ok(70));
    assert_eq!(int("-0"), Ok(0));
    assert_eq!(int("70.5"), rejected("column a: expected int, found 70.5"));
    assert_eq!(
        int("\"70\""),
        rejected("column a: expected int, found the string \"70\"")
    );
    assert_eq!(int("true"), rejected("column a: expected int, found true"));
    assert_eq!(bigint("9223372036854775807"), Ok(i64::MAX));
    assert_eq!(bigint("-9223372036854775808"), Ok(i64::MIN));
    assert_eq!(bigint("9007199254740992.0"), Ok(9_007_199_254_740_992));
    assert_eq!(
        bigint("9007199254740994.0"),
        rejected("column a: 9007199254740994.0 is beyond the range of bigint")
    );
    assert_eq!(
        bigint("9223372036854775808"),
        rejected("column a: 9.223372036854776e18 is beyond the range of bigint")
    );
    assert_eq!(
        bigint("1e300"),
        rejected("column a: 1e300 is beyond the range of bigint")
    );
}

#[test]
fn bounds_are_included() {
    for column in [
        "{ name: a, type: int, min: 1, max: 3 }",
        "{ name: a, type: double, min: 1, max: 3 }",
    ] {
        assert!(decode_value(column, "1").is_ok());
        assert!(decode_value(column, "3").is_ok());
    }
    let below = decode_value("{ name: a, type: int, min: 1, max: 3 }", "0");
    assert_eq!(below, rejected("column a: 0 is less than 1"));
    let above = decode_value("{ name: a, type: double, min: 1, max: 3 }", "3.5");
    assert_eq!(above, rejected("column a: 3.5 is greater than 3.0"));
    assert!(decode_value("{ name: a, type: int, one_of: [1, 3] }", "3").is_ok());
    let other = decode_value("{ name: a, type: int, one_of: [1, 3] }", "2");
    assert_eq!(
        other,
        rejected("column a: 2 is not one of the values allowed")
    );
}

#[test]
fn strings() {
    assert_eq!(
        text("", "\"a\\u0000\\n\\ud83d\\ude00é\""),
        Ok("a\0\n😀é".to_owned())
    );
    assert_eq!(text("", "\"\""), Ok(String::new()));
    assert_eq!(
        text("", "7"),
        rejected("column a: expected string, found 7")
    );
    assert_eq!(
        text("", "false"),
        rejected("column a: expected string, found false")
    );
    assert_eq!(
        text("", "\"\\ud800\""),
        rejected("not JSON: unexpected end of hex escape at line 1 column 14")
    );
    assert_eq!(
        text(", trim: true", "\"\\u00a0 a b\\t\""),
        Ok("a b".to_owned())
    );
    assert_eq!(
        text(", upper: true", "\"straße 1\""),
        Ok("STRASSE 1".to_owned())
    );
    assert_eq!(text(", upper: true", "\"AB 1\""), Ok("AB 1".to_owned()));
    assert_eq!(text(", lower: true", "\"ÄbC\""), Ok("äbc".to_owned()));
}

#[test]
fn rules_of_strings_see_the_trimmed_text_in_its_case() {
    assert_eq!(
        text(", trim: true, max_length: 2", "\" éé \""),
        Ok("éé".to_owned())
    );
    assert_eq!(
        text(", max_length: 2", "\" éé \""),
        rejected("column a: 4 characters, more than 2")
    );
    assert_eq!(
        text(", trim: true, lower: true, one_of: [on, off]", "\" ON\""),
        Ok("on".to_owned())
    );
    assert_eq!(
        text(", one_of: [on, off]", "\"ON\""),
        rejected("column a: \"ON\" is not one of the values allowed")
    );
}

#[test]
fn booleans() {
    let column = "{ name: a, type: boolean }";
    assert!(
        decode_value(column, "true")
            .unwrap()
            .column(0)
            .as_boolean()
            .value(0)
    );
    assert_eq!(
        decode_value(column, "\"true\""),
        rejected("column a: expected boolean, found the string \"true\"")
    );
    assert_eq!(
        decode_value(column, "1"),
        rejected("column a: expected boolean, found 1")
    );
}

#[test]
fn times() {
    let timestamp = |format: &str, value: &str| {
        let column = format!("{{ name: a, type: timestamp{format} }}");
        decode_value(&column, value).map(|events| {
            events
                .column(0)
                .as_primitive::<TimestampMillisecondType>()
                .value(0)
        })
    };
    assert_eq!(timestamp("", "\"1970-01-01 00:00:01.2349\""), Ok(1_234));
    assert_eq!(
        timestamp(
            ", format: \"%m/%d/%Y %I:%M:%S %p\"",
            "\"01/02/1970 12:00:01 AM\""
        ),
        Ok(86_401_000)
    );
    assert_eq!(
        timestamp("", "\"2026-02-30 00:00:00\""),
        rejected(
            "column a: expected timestamp as %Y-%m-%d %H:%M:%S%.f, found the string \"2026-02-30 00:00:00\""
        )
    );
    assert_eq!(
        timestamp("", "1763640000"),
        rejected("column a: expected timestamp, found 1763640000")
    );
    let date = decode_value("{ name: a, type: date }", "\"1970-02-01\"").unwrap();
    assert_eq!(date.column(0).as_primitive::<Date32Type>().value(0), 31);
    assert_eq!(
        decode_value("{ name: a, type: date }", "\"1970-02-01 00:00:00\""),
        rejected("column a: expected date as %Y-%m-%d, found the string \"1970-02-01 00:00:00\"")
    );
}

#[test]
fn missing_and_null_values_are_null_unless_required() {
    let types = [
        "string",
        "int",
        "bigint",
        "double",
        "boolean",
        "timestamp",
        "date",
    ];
    let optional: Vec<_> = types
        .iter()
        .map(|name| format!("{{ name: a_{name}, type: {name} }}"))
        .collect();
    let optional: Vec<_> = optional.iter().map(String::as_str).collect();
    let definition = definition_with_columns(&optional);
    for event in [
        "{}",
        r#"{"a_string":null,"a_int":null,"a_bigint":null,"a_double":null,"a_boolean":null,"a_timestamp":null,"a_date":null}"#,
    ] {
        let events = decode(&definition, event).unwrap();
        assert!(events.columns().iter().all(|column| column.is_null(0)));
    }
    let required = definition_with_columns(&["{ name: a, type: int, required: true }"]);
    assert_eq!(
        decode(&required, "{}"),
        rejected("column a: required, but missing")
    );
    assert_eq!(
        decode(&required, r#"{"a":null}"#),
        rejected("column a: required, but null")
    );
    assert_eq!(
        decode(&required, r#"{"A":1}"#),
        rejected("column a: required, but missing")
    );
}

#[test]
fn key_of_a_column_may_come_only_once() {
    let definition = definition_with_columns(&["{ name: a, type: int }"]);
    assert_eq!(
        decode(&definition, r#"{"a":1,"a":1}"#),
        rejected("column a: given more than once")
    );
    assert_eq!(
        decode(&definition, r#"{"a":null,"\u0061":1}"#),
        rejected("column a: given more than once")
    );
}

#[test]
fn records_that_are_not_one_json_object() {
    let definition = definition_with_columns(&["{ name: a, type: int }"]);
    for (data, reason) in [
        (&b""[..], "empty record"),
        (
            b" ",
            "not JSON: EOF while parsing a value at line 1 column 1",
        ),
        (
            b"{\"a\": 1",
            "not JSON: EOF while parsing an object at line 1 column 7",
        ),
        (
            b"{\"a\": 1}{\"a\": 2}",
            "not JSON: trailing characters at line 1 column 9",
        ),
        (
            b"{\"a\": 1}\n{\"a\": 2}\n",
            "not JSON: trailing characters at line 2 column 1",
        ),
        (
            b"{\"a\": 1} x",
            "not JSON: trailing characters at line 1 column 10",
        ),
        (
            b"[{\"a\": 1}]",
            "invalid type: sequence, expected a JSON object",
        ),
        (b"7", "invalid type: integer `7`, expected a JSON object"),
        (b"null", "invalid type: null, expected a JSON object"),
        (b"{\"a\": 1, \"b\": \"\xff\"}", "not UTF-8 at byte 15"),
        (
            b"{\"a\": 01}",
            "not JSON: invalid number at line 1 column 8",
        ),
        (
            b"{'a': 1}",
            "not JSON: key must be a string at line 1 column 2",
        ),
        (
            b"\xef\xbb\xbf{}",
            "not JSON: expected value at line 1 column 1",
        ),
    ] {
        let found = decode(&definition, data).unwrap_err();
        assert!(found.starts_with(reason), "{found} instead of {reason}");
    }
}

#[test]
fn reason_is_bounded_however_large_the_value() {
    let large = "é".repeat(500_000);
    let text = format!("\"{large}\"");
    let reasons = [
        double(&text).unwrap_err(),
        decode_value("{ name: a, type: timestamp }", &text).unwrap_err(),
        decode(
            &definition_with_columns(&["{ name: a, type: int }"]),
            text.clone(),
        )
        .unwrap_err(),
        decode(
            &definition_with_columns(&["{ name: a, type: string, one_of: [x] }"]),
            format!("{{\"a\":{text}}}"),
        )
        .unwrap_err(),
    ];
    for reason in reasons {
        assert!(
            reason.chars().count() <= 301,
            "{} characters",
            reason.chars().count()
        );
    }
    assert_eq!(
        double(&text),
        rejected(&format!(
            "column a: expected double, found the string \"{}…\"",
            "é".repeat(40)
        ))
    );
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let definition = definition_with_columns(&["{ name: a, type: int }"]);
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    assert!(decode(&definition, format!("{{\"other\": {deep}}}")).is_ok());
    assert_eq!(
        decode(&definition, format!("{{\"a\": {deep}}}")),
        rejected("column a: expected int, found an array")
    );
}

#[test]
fn damaged_sub_record_is_rejected_with_the_fault_whatever_its_bytes_say() {
    let definition = definition_with_columns(&["{ name: a, type: int }"]);
    let damaged = UserRecord {
        fault: Some("no such partition key".to_owned()),
        ..record(r#"{"a":1}"#)
    };
    let decoded = Decoder::new(&definition).decode(std::slice::from_ref(&damaged));
    assert_eq!(decoded.events.num_rows(), 0);
    assert_eq!(decoded.rejected[0].reason, "no such partition key");
    assert_eq!(decoded.rejected[0].bytes, damaged.data);
}

#[test]
fn events_and_rejected_records_keep_the_order_and_their_origins() {
    let definition = definition_with_columns(&["{ name: a, type: int, required: true }"]);
    let records = [r#"{"a":1}"#, "{}", r#"{"a":3}"#, "x", r#"{"a":5}"#].map(record);
    let decoded = Decoder::new(&definition).decode(&records);
    assert_eq!(
        decoded
            .events
            .column(0)
            .as_primitive::<Int32Type>()
            .values(),
        &[1, 3, 5]
    );
    let origin = |record| Origin { record, line: 0 };
    assert_eq!(decoded.origins, [0, 2, 4].map(origin));
    let rejected: Vec<_> = decoded
        .rejected
        .iter()
        .map(|rejected| (rejected.origin, &rejected.bytes[..]))
        .collect();
    assert_eq!(rejected, [(origin(1), &b"{}"[..]), (origin(3), &b"x"[..])]);
}

#[test]
fn no_records_give_an_empty_batch_with_the_whole_schema() {
    let definition = thermostats();
    let decoded = Decoder::new(&definition).decode(&[]);
    assert_eq!(decoded.events.num_rows(), 0);
    assert_eq!(decoded.events.schema(), definition.schema());
}
