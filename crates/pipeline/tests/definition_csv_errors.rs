//! Every mistake in the definition of a CSV stream, or in a rule that cleans values, is reported with its place.
#![allow(clippy::unwrap_used)]

mod fixture;

use fixture::{csv_pipeline, folder, pipeline_with_columns};

const TEXT: &str = "{ name: a, type: string }";

fn errors(pipeline: &str) -> String {
    folder(pipeline)
        .definition()
        .expect_err("the pipeline is wrong")
        .to_string()
}

#[test]
fn mistakes_in_the_section() {
    let delimiter =
        "is not one ASCII punctuation or control character\n  help: examples are \";\" and \"\\t\"";
    let quote = "is neither one ASCII punctuation character nor `none`";
    let encoding = "is neither utf-8 nor an encoding of one byte a character\n  help: examples are windows-1252 and iso-8859-15";
    for (section, column, problem) in [
        ("{ delimeter: \";\" }", 10, "unknown key `delimeter`\n  help: did you mean `delimiter`?; the keys are delimiter, quote, header, fields, short_lines, encoding".to_owned()),
        ("{ delimiter: \"\" }", 21, format!("`delimiter` \"\" {delimiter}")),
        ("{ delimiter: \"||\" }", 21, format!("`delimiter` \"||\" {delimiter}")),
        ("{ delimiter: x }", 21, format!("`delimiter` \"x\" {delimiter}")),
        ("{ delimiter: \" \" }", 21, format!("`delimiter` \" \" {delimiter}")),
        ("{ delimiter: \"\\n\" }", 21, format!("`delimiter` \"\\n\" {delimiter}")),
        ("{ delimiter: § }", 21, format!("`delimiter` \"§\" {delimiter}")),
        ("{ delimiter: '\"' }", 21, "delimiter and quote are the same".to_owned()),
        ("{ quote: \",\" }", 17, "delimiter and quote are the same".to_owned()),
        ("{ quote: yes }", 17, format!("`quote` \"yes\" {quote}")),
        ("{ quote: \"\\t\" }", 17, format!("`quote` \"\\t\" {quote}")),
        ("{ header: first }", 18, "unknown header `first`\n  help: write none, record or the list of the fields' names".to_owned()),
        ("{ header: [a, b, a] }", 18, "`header` names the field \"a\" twice".to_owned()),
        ("{ header: [a, 1] }", 18, "`header`: 1 is not a string\n  help: write it in quotes: \"1\"".to_owned()),
        ("{ header: record, fields: 3 }", 34, "`fields` only goes with `header: none`\n  help: leave it out: the header tells the number of fields".to_owned()),
        ("{ fields: 0 }", 18, "`fields` must be a whole number from 1 to 16384, not 0".to_owned()),
        ("{ fields: many }", 18, "`fields` must be a whole number from 1 to 16384, not \"many\"".to_owned()),
        ("{ short_lines: fill }", 23, "unknown `short_lines` \"fill\"\n  help: write reject or null".to_owned()),
        ("{ encoding: utf-9 }", 20, format!("`encoding` \"utf-9\" {encoding}")),
        ("{ encoding: utf-16le }", 20, format!("`encoding` \"utf-16le\" {encoding}")),
        ("{ encoding: shift_jis }", 20, format!("`encoding` \"shift_jis\" {encoding}")),
    ] {
        let expected = format!("pipeline.yaml:5:{column}: {problem}");
        assert_eq!(errors(&csv_pipeline(section, &[TEXT])), expected, "{section}");
    }
    let no_names = errors(&csv_pipeline("{ header: [] }", &[TEXT]));
    assert_eq!(no_names, "pipeline.yaml:5:18: `header` lists no name");
    let json = csv_pipeline("{}", &[TEXT]).replace("format: csv", "format: json");
    assert_eq!(
        errors(&json),
        "pipeline.yaml:5:8: `csv` only goes with `format: csv`"
    );
}

#[test]
fn mistakes_in_fields() {
    let second = "{ name: b, type: int }";
    for (section, columns, problem) in [
        (
            "{ header: [a] }",
            [TEXT, second],
            "8:13: the header has no field \"b\", which the column `b` reads",
        ),
        (
            "{ header: [a] }",
            [TEXT, "{ name: b, field: B, type: int }"],
            "8:23: the header has no field \"B\", which the column `b` reads",
        ),
        (
            "{ header: [a] }",
            [TEXT, "{ name: b, field: 1, type: int }"],
            "8:23: `field` 1: fields have names here\n  help: write it in quotes: \"1\"",
        ),
        (
            "{ header: record }",
            [TEXT, "{ name: b, field: 2, type: int }"],
            "8:23: `field` 2: fields have names here\n  help: write it in quotes: \"2\"",
        ),
        (
            "{}",
            [TEXT, "{ name: b, field: 2, type: int }"],
            "7:13: the column `a` has no `field`\n  help: either all columns have a position or none",
        ),
        (
            "{}",
            [
                "{ name: a, field: 1, type: string }",
                "{ name: b, field: 0, type: int }",
            ],
            "8:23: `field` 0: positions are whole numbers, counted from 1",
        ),
        (
            "{}",
            [
                "{ name: a, field: 1, type: string }",
                "{ name: b, field: x, type: int }",
            ],
            "8:23: `field` \"x\": fields have names only with a header\n  help: write the field's position, or list the names in `header`",
        ),
        (
            "{ fields: 3 }",
            [
                "{ name: a, field: 1, type: string }",
                "{ name: b, field: 4, type: int }",
            ],
            "8:23: `field` 4: a line has 3 fields",
        ),
        (
            "{ fields: 1 }",
            [TEXT, second],
            "8:13: the column `b` reads field 2, but a line has 1",
        ),
        (
            "{ fields: 0 }",
            [TEXT, "{ name: b, field: x, type: int }"],
            "5:18: `fields` must be a whole number from 1 to 16384, not 0",
        ),
    ] {
        assert_eq!(
            errors(&csv_pipeline(section, &columns)),
            format!("pipeline.yaml:{problem}")
        );
    }
    let json = pipeline_with_columns(&["{ name: a, field: 1, type: int }"]);
    assert_eq!(
        errors(&json),
        "pipeline.yaml:6:23: `field` 1: fields have names here\n  help: write it in quotes: \"1\""
    );
}

#[test]
fn mistakes_in_cleaning_rules() {
    for (column, problem) in [
        (
            "{ name: a, type: string, map: {} }",
            "35: `map` lists no value",
        ),
        (
            "{ name: a, type: string, map: { a: 1 } }",
            "35: `map`: 1 is not a string\n  help: write it in quotes: \"1\"",
        ),
        (
            "{ name: a, type: string, map: [a] }",
            "35: expected a mapping",
        ),
        (
            "{ name: a, type: string, map: { a: b, a: c } }",
            "43: duplicate key `a`",
        ),
        (
            "{ name: a, type: string, upper: true, map: { a: A } }",
            "48: `map`: \"a\" never occurs\n  help: after `trim` and case it is \"A\"",
        ),
        (
            "{ name: a, type: string, trim: true, map: { \" a\": a } }",
            "47: `map`: \" a\" never occurs\n  help: after `trim` and case it is \"a\"",
        ),
        (
            "{ name: a, type: int, map: { a: b } }",
            "32: rule `map` does not apply to type `int`\n  help: the rules of `int` are min, max, one_of",
        ),
        (
            "{ name: a, type: int, empty_as_null: true }",
            "42: rule `empty_as_null` does not apply to type `int`\n  help: the rules of `int` are min, max, one_of",
        ),
        (
            "{ name: a, type: date, timezone: UTC }",
            "38: rule `timezone` does not apply to type `date`\n  help: the only rule of `date` is format",
        ),
        (
            "{ name: a, type: timestamp, timezone: Chicago }",
            "43: timezone `Chicago`: not a time zone of the IANA's database\n  help: did you mean `America/Chicago`?",
        ),
        (
            "{ name: a, type: timestamp, format: \"%Y-%m-%d %T%z\", timezone: UTC }",
            "68: timezone `UTC`: the format tells a time's offset from UTC, which leaves nothing to a zone\n  help: leave out `timezone`",
        ),
        (
            "{ name: a, type: timestamp, format: \"%s\", timezone: UTC }",
            "57: timezone `UTC`: the format tells a time's offset from UTC, which leaves nothing to a zone\n  help: leave out `timezone`",
        ),
        (
            "{ name: a, type: string, true_values: [y] }",
            "43: rule `true_values` does not apply to type `string`\n  help: the rules of `string` are trim, lower, upper, map, empty_as_null, max_length, one_of",
        ),
        (
            "{ name: a, type: boolean, true_values: [] }",
            "44: `true_values` lists no value",
        ),
        (
            "{ name: a, type: boolean, true_values: [1] }",
            "44: `true_values`: 1 is not a string\n  help: write it in quotes: \"1\"",
        ),
        (
            "{ name: a, type: boolean, false_values: [\" \"] }",
            "45: `false_values`: a blank text is no value",
        ),
        (
            "{ name: a, type: boolean, true_values: [x, y], false_values: [n, Y] }",
            "44: \"y\" would mean both true and false",
        ),
        (
            "{ name: a, type: boolean, false_values: [\"TRUE\"] }",
            "45: \"true\" would mean both true and false",
        ),
    ] {
        let expected = format!("pipeline.yaml:6:{problem}");
        assert_eq!(
            errors(&pipeline_with_columns(&[column])),
            expected,
            "{column}"
        );
    }
}

#[test]
fn simulation_draws_no_csv() {
    let simulate = "simulate:\n  partition_key: a\n  columns: { a: uuid }\n";
    let pipeline = format!("{}{simulate}", csv_pipeline("{}", &[TEXT]));
    assert_eq!(
        errors(&pipeline),
        "pipeline.yaml:9:18: `simulate` draws JSON events\n  help: `twinlake produce --from` sends the lines of a CSV file"
    );
    let columns = [
        "{ name: a, field: x, type: string }",
        "{ name: b, field: x, type: string }",
    ];
    let pipeline = format!("{}{simulate}", pipeline_with_columns(&columns))
        .replace("a: uuid", "a: uuid, b: uuid");
    assert_eq!(
        errors(&pipeline),
        "pipeline.yaml:10:23: column `b`: its field is drawn for `a`"
    );
}
