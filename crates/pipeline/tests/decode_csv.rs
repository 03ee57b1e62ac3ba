//! The lines of a CSV record become fields, or are rejected.
#![allow(clippy::unwrap_used)]

mod fixture;

use fixture::{csv_definition, outcomes, record};

const THREE_TEXTS: [&str; 3] = [
    "{ name: a, type: string }",
    "{ name: b, type: string }",
    "{ name: c, type: string }",
];

/// Decodes one record of a stream with three columns of texts.
fn decode(csv: &str, data: impl Into<Vec<u8>>) -> Vec<String> {
    outcomes(&csv_definition(csv, &THREE_TEXTS), &[record(data)])
}

#[test]
fn each_line_is_an_event_whatever_ends_it() {
    let expected = ["1|2|3", "4|5|6", "7|8|9"];
    for data in [
        "1,2,3\n4,5,6\n7,8,9\n",
        "1,2,3\n4,5,6\n7,8,9",
        "1,2,3\r\n4,5,6\r\n7,8,9\r\n",
        "1,2,3\r\n4,5,6\n7,8,9\r",
        "\n\r\n1,2,3\n\n\r\n4,5,6\n\n7,8,9\n\n",
        "\"1\",2,\"3\"\r\n4,\"5\",\"6\"\n\"7\",\"8\",\"9\"\r",
    ] {
        assert_eq!(decode("{}", data), expected, "{data:?}");
    }
    let lines = csv_definition("{}", &THREE_TEXTS);
    let records = ["1,2,3\n4,5,6\n", "7,8,9"].map(record);
    assert_eq!(outcomes(&lines, &records), expected);
}

#[test]
fn carriage_return_within_a_line_is_a_character() {
    assert_eq!(decode("{}", "1\r2,\r,\"\r\"\n"), ["1\r2|\r|\r"]);
}

#[test]
fn quoted_fields_hold_delimiters_quotes_and_line_ends() {
    assert_eq!(
        decode(
            "{}",
            "\"x, y\",\"say \"\"hi\"\"\",\"two\r\nlines\n\"\n1,2,\"\"\"\"\n"
        ),
        ["x, y|say \"hi\"|two\r\nlines\n", "1|2|\""]
    );
    assert_eq!(decode("{}", "\" 1 \", 2 ,3"), [" 1 | 2 |3"]);
}

#[test]
fn delimiter_and_quote_are_a_matter_of_the_stream() {
    let semicolons = "{ delimiter: \";\", quote: \"'\" }";
    assert_eq!(
        decode(semicolons, "'1;2';it\"s;'it''s'"),
        ["1;2|it\"s|it's"]
    );
    assert_eq!(
        decode("{ delimiter: \"\\t\" }", "1,2\t\"3\t4\"\t5"),
        ["1,2|3\t4|5"]
    );
    assert_eq!(decode("{ delimiter: \"\\x01\" }", "1\x012\x013"), ["1|2|3"]);
    let no_quote = "{ delimiter: \"|\", quote: none }";
    assert_eq!(
        decode(no_quote, "\"1|2\"|\"\n3|\"|5"),
        ["\"1|2\"|\"", "3|\"|5"]
    );
}

#[test]
fn quotes_in_wrong_places_reject_their_line_alone() {
    for (line, problem) in [
        ("1,2\",3", "a quote within an unquoted field"),
        ("1, \"2\",3", "a quote within an unquoted field"),
        ("\"1\" ,2,3", "a character after a closing quote"),
        ("\"1\"2,3,4", "a character after a closing quote"),
        ("1,2,\"3\"\"", "a quoted field without a closing quote"),
        ("1,\"2,3", "a quoted field without a closing quote"),
        ("\"", "a quoted field without a closing quote"),
    ] {
        let rejected = format!("{line:?}: {problem}");
        assert_eq!(decode("{}", line), [rejected.as_str()]);
        let neighbours = format!("a,b,c\n{line}\nd,e,f\r\n");
        assert_eq!(
            decode("{}", neighbours),
            ["a|b|c", rejected.as_str(), "d|e|f"]
        );
    }
}

#[test]
fn reading_goes_on_behind_the_line_with_a_quote_too_few() {
    let record = "1,a,x\n2,\"b,x\n3,c,\"x, y\"\n4,\"d\ne\",x\n5,f,x\n";
    assert_eq!(
        decode("{}", record),
        [
            "1|a|x",
            "\"2,\\\"b,x\": a character after a closing quote",
            "3|c|x, y",
            "4|d\ne|x",
            "5|f|x"
        ]
    );
}

#[test]
fn lines_with_too_few_fields_are_rejected_or_filled_up() {
    let lines = "1,2,3\n1,2\n1\n1,2,\n";
    assert_eq!(
        decode("{}", lines),
        [
            "1|2|3",
            "\"1,2\": fewer than 3 fields: 2",
            "\"1\": fewer than 3 fields: 1",
            "1|2|NULL"
        ]
    );
    for null in ["{ short_lines: \"null\" }", "{ short_lines: null }"] {
        assert_eq!(
            decode(null, lines),
            ["1|2|3", "1|2|NULL", "1|NULL|NULL", "1|2|NULL"]
        );
    }
    let required = csv_definition(
        "{ short_lines: \"null\" }",
        &[
            "{ name: a, type: string }",
            "{ name: b, type: string, required: true }",
        ],
    );
    assert_eq!(
        outcomes(&required, &[record("1\n1,\n")]),
        [
            "\"1\": column b: required, but missing",
            "\"1,\": column b: required, but empty"
        ]
    );
}

#[test]
fn lines_with_too_many_fields_are_rejected() {
    for csv in ["{}", "{ short_lines: \"null\" }"] {
        assert_eq!(
            decode(csv, "1,2,3,\n1,2,3\n1,\"2\",3,4"),
            [
                "\"1,2,3,\": more than 3 fields",
                "1|2|3",
                "\"1,\\\"2\\\",3,4\": more than 3 fields"
            ]
        );
    }
}

#[test]
fn columns_may_read_any_positions_of_longer_lines() {
    let columns = [
        "{ name: a, field: 3, type: int }",
        "{ name: b, field: 1, type: string }",
        "{ name: c, field: 3, type: string }",
    ];
    let definition = csv_definition("{ fields: 4 }", &columns);
    assert_eq!(
        outcomes(&definition, &[record("x,y,7,z\nx,y,7\n\"x\",,8,")]),
        ["7|x|7", "\"x,y,7\": fewer than 4 fields: 3", "8|x|8"]
    );
    assert_eq!(
        outcomes(&csv_definition("{}", &columns), &[record("x,y,7")]),
        ["7|x|7"]
    );
}

#[test]
fn header_of_each_record_tells_where_its_fields_are() {
    let columns = [
        "{ name: a, type: string }",
        "{ name: b, field: \"B, or not\", type: int }",
    ];
    let definition = csv_definition("{ header: record }", &columns);
    let records = [
        "a,\"B, or not\"\nx,1\ny,2\n",
        "\u{feff}other,\"B, or not\",a\r\n,3,z\r\n",
        "\na,\"B, or not\"\nx,1,2\na,\"B, or not\"\nx,4",
        "a,b\nx,1\ny,2\n",
        "a,a,\"B, or not\"\nx,y,1",
        "a,\"B, or not\"\n",
        "a,\"B\nx,1\n",
    ];
    assert_eq!(
        outcomes(&definition, &records.map(record)),
        [
            "x|1",
            "y|2",
            "z|3",
            "\"x,1,2\": more than 2 fields",
            "\"a,\\\"B, or not\\\"\": header line",
            "x|4",
            "\"a,b\\nx,1\\ny,2\\n\": the header has no field \"B, or not\"",
            "\"a,a,\\\"B, or not\\\"\\nx,y,1\": the header has the field \"a\" twice",
            "\"a,\\\"B, or not\\\"\\n\": empty record",
            "\"a,\\\"B\\nx,1\\n\": a quoted field without a closing quote",
        ]
    );
}

#[test]
fn header_of_the_definition_is_no_event_where_it_comes_along() {
    let columns = [
        "{ name: a, field: A, type: string }",
        "{ name: c, field: C, type: string }",
    ];
    let definition = csv_definition("{ header: [A, \"B, or not\", C] }", &columns);
    let records = [
        "\u{feff}A,\"B, or not\",C\n1,2,3\n",
        "4,5,6\nA,\"B, or not\",C\nA,B,C\n",
    ];
    let header = "\"A,\\\"B, or not\\\",C\": header line";
    assert_eq!(
        outcomes(&definition, &records.map(record)),
        [header, "1|3", "4|6", header, "A|C"]
    );
}

#[test]
fn byte_order_mark_is_skipped_at_the_beginning_of_a_record_alone() {
    assert_eq!(
        decode("{}", "\u{feff}\"1\",2,3\n\u{feff}4,5,\"6\"\n"),
        ["1|2|3", "\u{feff}4|5|6"]
    );
    assert_eq!(
        decode("{ encoding: latin1 }", "\u{feff}1,2,3"),
        ["ï»¿1|2|3"]
    );
}

#[test]
fn bytes_that_are_no_text_reject_their_line_alone() {
    assert_eq!(
        decode("{}", b"1,2,3\n4,caf\xe9,6\n7,\"8\xff\n\",9\n10,11,12\n"),
        [
            "1|2|3",
            "\"4,caf\u{fffd},6\": not UTF-8 at byte 5",
            "\"7,\\\"8\u{fffd}\\n\\\",9\": not UTF-8 at byte 4",
            "10|11|12"
        ]
    );
}

#[test]
fn encodings_of_one_byte_a_character_are_read() {
    let data = b"caf\xe9,\"\x80 \"\"5\",\xfcber\n";
    assert_eq!(
        decode("{ encoding: windows-1252 }", data),
        ["café|€ \"5|über"]
    );
    // The standard takes the label for windows-1252, as all browsers do.
    assert_eq!(
        decode("{ encoding: iso-8859-1 }", data),
        ["café|€ \"5|über"]
    );
    assert_eq!(decode("{ encoding: iso-8859-15 }", b"\xa4,b,c"), ["€|b|c"]);
    assert_eq!(
        decode("{ encoding: koi8-r }", b"\xd0\xd2\xc9,b,c"),
        ["при|b|c"]
    );
    assert_eq!(
        decode("{ encoding: windows-1253 }", b"1,2,3\n4,\xe1\xaa,5\n"),
        ["1|2|3", "\"4,\u{fffd},5\": not windows-1253 at byte 3"]
    );
}

#[test]
fn record_without_a_line_is_one_rejected_record() {
    assert_eq!(decode("{}", ""), ["\"\": empty record"]);
    assert_eq!(decode("{}", "\r\n\n"), ["\"\\r\\n\\n\": empty record"]);
    assert_eq!(decode("{}", "\u{feff}"), ["\"\\u{feff}\": empty record"]);
    assert_eq!(
        decode("{ header: record }", "\n"),
        ["\"\\n\": empty record"]
    );
}
