//! The definition that decodes a record, and the parts that a deployment must have.

use preprocess::handler::handle;
use serde_json::json;
use twinlake_lake::ErrorKind;
use twinlake_lake::state::deployment::{DefinitionEntry, Definitions};

use crate::fixture::{ARRIVAL_MS, METERS, definition, event, load, payload, plain, rows_of};

const LATER: &str = "
version: 1
name: meters
stream:
  format: json
columns:
  - { name: id, type: string, required: true, upper: true }
";

fn two_definitions() -> Definitions {
    let mut definitions = Definitions::first("bundles/1.json", definition(METERS).decode_id());
    definitions.definitions.push(DefinitionEntry {
        from_ms: ARRIVAL_MS + 1,
        bundle: "bundles/2.json".into(),
        decode_id: definition(LATER).decode_id(),
    });
    definitions
}

#[test]
fn the_arrival_time_chooses_the_definition() {
    let bundles = [("bundles/1.json", METERS), ("bundles/2.json", LATER)];
    let context = load(&bundles, Some(&two_definitions())).unwrap();
    let mut later = plain(2, &event("b"));
    later["kinesisRecordMetadata"]["approximateArrivalTimestamp"] = json!(ARRIVAL_MS + 1);
    let records = [plain(1, &event("a")), later, plain(3, &event("c"))];
    let response = handle(&context, &payload(&records)).unwrap();
    let found: Vec<_> = response
        .records
        .iter()
        .map(|answer| {
            let row = rows_of(answer.data.as_deref().unwrap()).remove(0);
            (row["id"].clone(), row["_definition"].clone())
        })
        .collect();
    let (first, second) = (
        definition(METERS).decode_id(),
        definition(LATER).decode_id(),
    );
    assert_eq!(
        found,
        [
            (json!("a"), json!(first)),
            (json!("B"), json!(second)),
            (json!("c"), json!(first))
        ]
    );
}

#[test]
fn what_is_missing_is_named() {
    let error = load(&[], None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDeployed);
    assert!(
        error.to_string().contains("state/meters/definitions.json"),
        "{error}"
    );

    let error = load(&[("bundles/1.json", METERS)], Some(&two_definitions())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDeployed);
    assert!(error.to_string().contains("bundles/2.json"), "{error}");
}

#[test]
fn code_that_decodes_otherwise_than_the_list_says_does_not_start() {
    let definitions = Definitions::first("bundles/1.json", "0123456789abcdef");
    let error = load(&[("bundles/1.json", METERS)], Some(&definitions)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("0123456789abcdef"), "{error}");
}

#[test]
fn an_empty_list_is_refused() {
    let definitions = Definitions {
        definitions: Vec::new(),
        ..two_definitions()
    };
    assert_eq!(
        load(&[], Some(&definitions)).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
}
