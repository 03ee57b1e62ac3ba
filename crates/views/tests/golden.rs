//! The compiled statements of the repository's pipelines, as files.
//! `UPDATE_GOLDEN=1 cargo test -p twinlake-views --test golden` writes them.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use twinlake_pipeline::Definition;
use twinlake_views::{Dialect, View, ViewColumn, compile};

fn columns(title: &str, columns: &[ViewColumn]) -> String {
    let list: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {}", column.name, column.column_type.athena()))
        .collect();
    format!("-- {title}: {}\n", list.join(", "))
}

fn page(view: &View) -> String {
    let statements = [
        (
            "partial, Athena",
            view.partial(Dialect::Athena, &str::to_owned),
        ),
        (
            "partial, DataFusion",
            view.partial(Dialect::DataFusion, &str::to_owned),
        ),
        ("merge", view.merge("rows")),
        ("final", view.finalize("rows")),
    ];
    let mut page = format!(
        "-- {}, {:?}, fingerprint {}\n",
        view.name(),
        view.kind(),
        view.fingerprint()
    );
    page.push_str(&columns("keys", view.keys()));
    page.push_str(&columns("states", view.states()));
    page.push_str(&columns("columns", view.columns()));
    for (title, statement) in statements {
        page.push_str(&format!("\n-- {title}\n{statement};\n"));
    }
    page
}

fn compiles_to_the_golden_statements(pipeline: &str) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.join("../../pipelines").join(pipeline);
    let definition = Definition::from_folder(&folder).unwrap();
    assert!(!definition.views.is_empty());
    for (name, sql) in &definition.views {
        let page = page(&compile(name, sql, &definition).unwrap());
        let golden = here.join("tests/golden").join(format!("{name}.sql"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &page).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_else(|error| {
            panic!("{}: {error}; run with UPDATE_GOLDEN=1", golden.display())
        });
        assert_eq!(
            page, expected,
            "{name} compiles to other statements; if that is meant, run with UPDATE_GOLDEN=1"
        );
    }
}

#[test]
fn thermostats_compile_to_the_golden_statements() {
    compiles_to_the_golden_statements("thermostats");
}

#[test]
fn crimes_compile_to_the_golden_statements() {
    compiles_to_the_golden_statements("crimes");
}
