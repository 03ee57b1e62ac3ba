//! The most that one stream record may hold before its rows are too large for a response of Lambda.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::path::PathBuf;

use fixture::{csv_definition, record};
use twinlake_pipeline::{Decoder, Definition, ReasonClass};

/// A line of the crimes of the City of Chicago.
const CRIME: &str = "01/01/2018 12:01:00 AM,015XX W FULLERTON AVE,BATTERY,DOMESTIC BATTERY SIMPLE,RESIDENCE,false,true,32,41.925111321,-87.667996911\n";

fn crimes() -> Definition {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/crimes");
    Definition::from_folder(&folder).unwrap()
}

/// The number of lines, of those of a mebibyte, that a record may hold.
fn most(definition: &Definition, line: &str) -> usize {
    let decoder = Decoder::new(definition);
    let fits = |lines: usize| {
        let decoded = decoder.decode(&[record(line.repeat(lines))]);
        decoded
            .rejected
            .first()
            .is_none_or(|rejected| rejected.class != ReasonClass::TooLarge)
    };
    let (mut most, mut too_many) = (1, (1 << 20) / line.len() + 1);
    while too_many - most > 1 {
        let middle = usize::midpoint(most, too_many);
        match fits(middle) {
            true => most = middle,
            false => too_many = middle,
        }
    }
    most
}

/// The figures stand in `docs/produce.md`.
#[test]
fn a_record_may_hold_so_many_lines() {
    let columns = [
        "{ name: n, type: int, required: true }",
        "{ name: text, type: string }",
    ];
    let small = csv_definition("{ header: none }", &columns);
    assert_eq!(most(&small, "x\n"), 16459, "lines that are no events");
    assert_eq!(most(&small, "1,some longer text\n"), 17644, "small events");
    let mebibyte = (1 << 20) / CRIME.len();
    assert_eq!(most(&crimes(), CRIME), mebibyte, "crimes");
}
