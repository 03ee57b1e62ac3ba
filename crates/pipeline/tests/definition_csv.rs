//! A CSV stream is read from its definition, and its decode id follows all that changes its events.
#![allow(clippy::unwrap_used)]

mod fixture;

use fixture::{csv_definition, csv_pipeline, definition_with_columns, folder};
use twinlake_pipeline::{Csv, Encoding, Format, Header, ShortLines};

const TEXT: &str = "{ name: a, type: string }";

fn csv(section: &str) -> Csv {
    match csv_definition(section, &[TEXT]).format {
        Format::Csv(csv) => csv,
        Format::Json => panic!("the stream is CSV"),
    }
}

#[test]
fn every_key_has_a_default() {
    let default = Csv {
        delimiter: b',',
        quote: Some(b'"'),
        header: Header::None { fields: 1 },
        short_lines: ShortLines::Reject,
        encoding: Encoding::UTF_8,
    };
    assert_eq!(csv("{}"), default);
    let without_section = csv_pipeline("{}", &[TEXT]).replace("  csv: {}\n", "");
    assert_eq!(
        folder(&without_section).definition().unwrap().format,
        Format::Csv(default.clone())
    );
    let spelled = "{ delimiter: \",\", quote: '\"', header: none, fields: 1, short_lines: reject, encoding: utf8 }";
    assert_eq!(csv(spelled), default);
}

#[test]
fn every_key_is_read() {
    let other = "{ delimiter: \"\\t\", quote: none, header: [b, a], short_lines: \"null\", encoding: latin1 }";
    assert_eq!(
        csv(other),
        Csv {
            delimiter: b'\t',
            quote: None,
            header: Header::Names(vec!["b".to_owned(), "a".to_owned()]),
            short_lines: ShortLines::Null,
            encoding: Encoding::for_label("windows-1252").unwrap(),
        }
    );
    assert_eq!(csv("{ header: record }").header, Header::Record);
    assert_eq!(csv("{ fields: 22 }").header, Header::None { fields: 22 });
}

#[test]
fn columns_know_the_index_of_their_field() {
    let indices = |section: &str, columns: &[&str]| {
        let definition = csv_definition(section, columns);
        let Format::Csv(csv) = &definition.format else {
            panic!("the stream is CSV")
        };
        definition
            .columns
            .iter()
            .map(|column| csv.field_index(column))
            .collect::<Vec<_>>()
    };
    let (named, other) = (
        "{ name: a, type: int }",
        "{ name: b, field: x y, type: int }",
    );
    assert_eq!(
        indices("{}", &[named, "{ name: b, type: int }"]),
        [Some(0), Some(1)]
    );
    assert_eq!(
        indices("{ header: [x y, z, a] }", &[named, other]),
        [Some(2), Some(0)]
    );
    assert_eq!(indices("{ header: record }", &[named, other]), [None, None]);
    let positions = [
        "{ name: a, field: 7, type: int }",
        "{ name: b, field: 2, type: int }",
    ];
    assert_eq!(indices("{}", &positions), [Some(6), Some(1)]);
    assert_eq!(
        csv_definition("{}", &positions).format,
        csv_definition("{ fields: 7 }", &positions).format
    );
}

#[test]
fn decode_id_changes_with_whatever_changes_the_events() {
    let ids = [
        definition_with_columns(&[TEXT]),
        csv_definition("{}", &[TEXT]),
        csv_definition("{ delimiter: \";\" }", &[TEXT]),
        csv_definition("{ quote: none }", &[TEXT]),
        csv_definition("{ header: record }", &[TEXT]),
        csv_definition("{ header: [a] }", &[TEXT]),
        csv_definition("{ fields: 2 }", &[TEXT]),
        csv_definition("{ short_lines: \"null\" }", &[TEXT]),
        csv_definition("{ encoding: latin1 }", &[TEXT]),
        csv_definition("{ fields: 2 }", &["{ name: a, field: 2, type: string }"]),
        csv_definition(
            "{ header: record }",
            &["{ name: a, field: b, type: string }"],
        ),
        csv_definition("{}", &["{ name: a, type: string, map: { x: y } }"]),
        csv_definition("{}", &["{ name: a, type: string, empty_as_null: false }"]),
        csv_definition("{}", &["{ name: a, type: boolean }"]),
        csv_definition("{}", &["{ name: a, type: boolean, true_values: [y] }"]),
        csv_definition("{}", &["{ name: a, type: timestamp }"]),
        csv_definition(
            "{}",
            &["{ name: a, type: timestamp, timezone: Europe/Berlin }"],
        ),
    ]
    .map(|definition| definition.decode_id());
    for (index, id) in ids.iter().enumerate() {
        assert!(
            !ids[..index].contains(id),
            "the definition at index {index}"
        );
    }
}

#[test]
fn decode_id_stays_if_the_events_stay() {
    let json = |column: &str| definition_with_columns(&[column]).decode_id();
    assert_eq!(
        json("{ name: a, type: string, field: a, empty_as_null: false }"),
        json(TEXT)
    );
    let id = |section: &str, column: &str| csv_definition(section, &[column]).decode_id();
    assert_eq!(
        id(
            "{ fields: 1, encoding: UTF8 }",
            "{ name: a, type: string, field: 1 }"
        ),
        id("{}", TEXT)
    );
    assert_eq!(
        id("{ encoding: ascii }", TEXT),
        id("{ encoding: cp1252 }", TEXT)
    );
}
