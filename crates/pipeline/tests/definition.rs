//! A definition is the same from a folder and from a bundle, and its decode id follows its columns alone.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::collections::BTreeMap;

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use fixture::{
    definition_with_columns, folder, pipeline_with_columns, thermostats, thermostats_folder,
};
use twinlake_pipeline::{
    Case, ColumnType, Definition, Folder, Generator, Reference, ReferenceColumn, Rules, Schedule,
};

#[test]
fn thermostats_are_read_from_their_folder() {
    let definition = thermostats();
    assert_eq!(definition.name, "thermostats");
    assert_eq!(definition.schedule, Schedule::default());
    assert_eq!(
        definition.views.keys().collect::<Vec<_>>(),
        [
            "daily_avg_inefficiency",
            "device_activity",
            "inefficient_readings"
        ]
    );
    assert_eq!(definition.queries.len(), 5);
    assert_eq!(
        *definition.schema(),
        Schema::new(vec![
            Field::new("uuid", DataType::Utf8, false),
            Field::new("deviceid", DataType::Utf8, false),
            Field::new(
                "devicets",
                DataType::Timestamp(TimeUnit::Millisecond, None),
                false
            ),
            Field::new("temp", DataType::Float64, false),
        ])
    );
    let [settings] = definition.references.as_slice() else {
        panic!("one reference table")
    };
    let csv = std::fs::read(thermostats_folder().join("reference/device_settings.csv")).unwrap();
    assert_eq!(settings.read_csv(&csv).unwrap().num_rows(), 1_000);
    assert_eq!(settings.sha256.len(), 64);
    let simulation = definition.simulation.unwrap();
    assert_eq!(simulation.partition_key, "deviceid");
    let generators: Vec<_> = simulation
        .columns
        .iter()
        .map(|(column, generator)| (column.name.as_str(), generator))
        .collect();
    assert_eq!(generators[0], ("uuid", &Generator::Uuid));
    assert_eq!(
        generators[3],
        (
            "temp",
            &Generator::Choice(vec![
                (70.into(), 0.33),
                (71.into(), 0.33),
                (72.into(), 0.33),
                (78.into(), 0.01)
            ])
        )
    );
}

#[test]
fn bundle_says_what_the_folder_says() {
    let folder = Folder::read(&thermostats_folder()).unwrap();
    let bundle = folder.bundle();
    assert_eq!(
        Definition::from_bundle(&bundle).unwrap(),
        folder.definition().unwrap()
    );
    let json: serde_json::Value = serde_json::from_slice(&bundle).unwrap();
    assert_eq!(json["format"], 1);
    assert_eq!(json["pipeline"], folder.pipeline);
    assert_eq!(
        json["views"]["device_activity"],
        folder.views["device_activity"]
    );
    let sha256 = &folder.definition().unwrap().references[0].sha256;
    assert_eq!(json["reference"]["device_settings"], *sha256);
}

#[test]
fn every_section_is_read() {
    let pipeline = format!(
        "{}{}",
        pipeline_with_columns(&[
            "{ name: id, type: string, required: true, trim: true, upper: true, max_length: 8, one_of: [B, A] }",
            "{ name: n, type: int, min: -1, max: 7, one_of: [3, 1] }",
            "{ name: x, type: double, min: -1, max: 1e3 }",
            "{ name: at, type: timestamp, format: \"%d/%m/%Y %H:%M\" }",
            "{ name: born, type: date, format: \"%d/%m/%Y\" }",
            "{ name: ok, type: boolean }",
            "{ name: big, type: bigint, min: -9223372036854775808 }",
        ]),
        "raw: { format: parquet }
reference:
  - name: places
    columns: [{ name: id, type: string }, { name: floor, type: int }]
schedule:
  batch: rate(1 hour)
  partitions: cron(0 * * * ? *)
  settle_seconds: 0
  batching_window_seconds: 1
  buffer_seconds: 5
  buffer_mb: 128
"
    );
    let references = BTreeMap::from([("places".to_owned(), b"id,floor\nA,1\n".to_vec())]);
    let definition = Folder {
        references,
        ..folder(&pipeline)
    }
    .definition()
    .unwrap();

    let [id, n, x, at, born, ok, big] = definition.columns.as_slice() else {
        panic!("seven columns")
    };
    let Rules::String(rules) = &id.rules else {
        panic!("a text column")
    };
    assert!(id.required && rules.trim);
    assert_eq!((rules.case, rules.max_length), (Some(Case::Upper), Some(8)));
    assert_eq!(
        rules.one_of.as_ref().unwrap().iter().collect::<Vec<_>>(),
        ["A", "B"]
    );
    let Rules::Integer(rules) = &n.rules else {
        panic!("an integer column")
    };
    assert_eq!((rules.min, rules.max), (Some(-1), Some(7)));
    assert_eq!(
        rules.one_of.as_ref().unwrap().iter().collect::<Vec<_>>(),
        [&1, &3]
    );
    let Rules::Double(rules) = &x.rules else {
        panic!("a double column")
    };
    assert_eq!((rules.min, rules.max), (Some(-1.0), Some(1_000.0)));
    let Rules::Time(format) = &at.rules else {
        panic!("a timestamp column")
    };
    assert_eq!(format.pattern(), "%d/%m/%Y %H:%M");
    let Rules::Time(format) = &born.rules else {
        panic!("a date column")
    };
    assert_eq!(format.pattern(), "%d/%m/%Y");
    assert_eq!(ok.rules, Rules::Boolean);
    let Rules::Integer(rules) = &big.rules else {
        panic!("an integer column")
    };
    assert_eq!(rules.min, Some(i64::MIN));

    let column = |name: &str, column_type| ReferenceColumn {
        name: name.to_owned(),
        column_type,
    };
    let places = Reference {
        name: "places".to_owned(),
        columns: vec![
            column("id", ColumnType::String),
            column("floor", ColumnType::Int),
        ],
        sha256: "b8ca7ed74bfff51f81d8a66366f7b9097a251c93cc8402ee8b48bc641ed9112f".to_owned(),
    };
    assert_eq!(definition.references, [places]);
    assert_eq!(
        definition.schedule,
        Schedule {
            batch: "rate(1 hour)".to_owned(),
            partitions: "cron(0 * * * ? *)".to_owned(),
            settle_seconds: 0,
            batching_window_seconds: 1,
            buffer_seconds: 5,
            buffer_mb: 128,
        }
    );
    assert_eq!(definition.simulation, None);
}

/// Rows in S3 carry these ids: a change of one makes every existing lake's definition a changed one.
#[test]
fn decode_ids_of_the_examples_stay() {
    assert_eq!(thermostats().decode_id(), "a20a2f65f10a5475");
    let crimes = thermostats_folder().join("../crimes");
    let crimes = Definition::from_folder(&crimes).unwrap();
    assert_eq!(crimes.decode_id(), "e67c662a7cae8f5d");
}

#[test]
fn decode_id_changes_with_the_columns() {
    let id = |columns: &[&str]| definition_with_columns(columns).decode_id();
    let base = id(&["{ name: a, type: int }", "{ name: b, type: timestamp }"]);
    for other in [
        ["{ name: a, type: bigint }", "{ name: b, type: timestamp }"],
        ["{ name: c, type: int }", "{ name: b, type: timestamp }"],
        [
            "{ name: a, type: int, required: true }",
            "{ name: b, type: timestamp }",
        ],
        [
            "{ name: a, type: int, min: 0 }",
            "{ name: b, type: timestamp }",
        ],
        [
            "{ name: a, type: int, max: 0 }",
            "{ name: b, type: timestamp }",
        ],
        [
            "{ name: a, type: int }",
            "{ name: b, type: timestamp, format: \"%d/%m/%Y %H:%M\" }",
        ],
        ["{ name: b, type: timestamp }", "{ name: a, type: int }"],
    ] {
        assert_ne!(id(&other), base, "{other:?}");
    }
}

#[test]
fn decode_id_stays_if_events_stay() {
    let base = definition_with_columns(&[
        "{ name: a, type: string, one_of: [x, y] }",
        "{ name: b, type: timestamp }",
    ]);
    let same = definition_with_columns(&[
        "{ type: string, one_of: [y, x], name: a, trim: false, required: false }",
        "{ name: b, type: timestamp, format: \"%Y-%m-%d %H:%M:%S%.f\" }",
    ]);
    assert_eq!(same.decode_id(), base.decode_id());
    let mut other_views = base.clone();
    other_views
        .views
        .insert("more".to_owned(), "SELECT 1".to_owned());
    other_views.schedule.settle_seconds = 1;
    assert_eq!(other_views.decode_id(), base.decode_id());
}

#[test]
fn other_files_in_the_folder_are_left_alone() {
    let copy = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let path = copy.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "pipeline.yaml",
        &pipeline_with_columns(&["{ name: a, type: int }"]),
    );
    write("views/counts.sql", "SELECT COUNT(*) AS n FROM events");
    write("views/README.md", "not a view");
    write("views/counts.sql~", "a backup");
    write("dashboard.yaml", "charts: []");
    let definition = Definition::from_folder(copy.path()).unwrap();
    assert_eq!(definition.views.into_keys().collect::<Vec<_>>(), ["counts"]);
    assert!(definition.queries.is_empty() && definition.references.is_empty());
}
