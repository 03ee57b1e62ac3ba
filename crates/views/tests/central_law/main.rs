//! The central law: for any watermarks W and any batches of events, `final(merge(runs up to W ∪ segments after W))` is
//! the view over all events.
//!
//! Athena's partial statement computes the runs, DataFusion's the segments. The expected rows come from the view's own
//! text, which the compiler has not touched, over all events. Athena's SQL runs on an engine that is not DataFusion and
//! shares no code with Twinlake.

#![allow(clippy::unwrap_used)]

mod law;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use law::check_law;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use support::pipeline::{definition, events, references, values};
use support::rows::Cell;
use twinlake_pipeline::Definition;

/// Views that together hold every aggregate, every kind of key, expression and join.
const VIEWS: &[(&str, &str)] = &[
    (
        "counts",
        "SELECT k, COUNT(*) AS events, COUNT(n) AS with_n, COUNT(b) AS with_b FROM events GROUP BY k",
    ),
    (
        "sums",
        "SELECT g, SUM(n) AS n, SUM(m) AS m, SUM(y) AS y, SUM(small) AS small FROM events GROUP BY g",
    ),
    (
        "averages",
        "SELECT g, AVG(n) AS n, AVG(small) AS small, AVG(y) AS y, SUM(y) / COUNT(*) AS per_event FROM events GROUP BY g",
    ),
    (
        "extremes",
        "SELECT g, MIN(big) AS a, MAX(big) AS b, MIN(x) AS c, MAX(x) AS d, MIN(s) AS e, MAX(s) AS f, MIN(t) AS h, \
         MAX(t) AS i, MIN(d) AS j, MAX(d) AS l, MIN(b) AS m, MAX(b) AS n FROM events GROUP BY g",
    ),
    (
        "one_group",
        "SELECT COUNT(*) AS events, SUM(small) AS total, AVG(y) AS mean, MAX(t) AS latest FROM events",
    ),
    (
        "one_group_filtered",
        "SELECT COUNT(x) AS events, SUM(m) AS m FROM events WHERE k = 'no such key'",
    ),
    ("distinct_keys", "SELECT k, g FROM events GROUP BY k, g"),
    (
        "key_not_shown",
        "SELECT COUNT(*) AS events, MIN(s) AS s FROM events GROUP BY k, g % 2",
    ),
    (
        "keys_of_each_type",
        "SELECT k, n, big, x, b, t, d, COUNT(*) AS events FROM events GROUP BY k, n, big, x, b, t, d",
    ),
    (
        "computed_keys",
        "SELECT CAST(t AS date) AS day, hour(t) AS of_day, n % 7 AS rest, COUNT(*) AS events FROM events \
         GROUP BY CAST(t AS date), hour(t), n % 7",
    ),
    (
        "positions",
        "SELECT date_trunc('month', t) AS since, k, COUNT(*) AS events FROM events GROUP BY 2, 1",
    ),
    (
        "key_in_expression",
        "SELECT g + 1 AS next, g * 2 AS twice, COUNT(*) AS events FROM events GROUP BY g",
    ),
    (
        "same_key_twice",
        "SELECT k AS a, k AS b, COUNT(*) AS events FROM events GROUP BY k",
    ),
    (
        "swapped_names",
        "SELECT k AS s, s AS k, COUNT(*) AS events FROM events GROUP BY k, s",
    ),
    (
        "shared",
        "SELECT g, COUNT(*) AS a, COUNT(*) + 1 AS b, SUM(y) AS c, SUM(y) * 2 AS d FROM events GROUP BY g",
    ),
    (
        "spread",
        "SELECT g, sqrt(SUM(y * y) / COUNT(y)) AS root_mean_square FROM events GROUP BY g",
    ),
    (
        "share_of",
        "SELECT g, ROUND(100E0 * COUNT(b) / COUNT(*), 1) AS percent FROM events GROUP BY g",
    ),
    (
        "conditional",
        "SELECT k, SUM(CASE WHEN b THEN 1 ELSE 0 END) AS yes, COUNT(CASE WHEN x < 0 THEN 1 END) AS below, \
         MAX(IF(b, small)) AS most FROM events GROUP BY k",
    ),
    (
        "filtered_aggregates",
        "SELECT k, COUNT(*) FILTER (WHERE b) AS yes, COUNT(x) FILTER (WHERE b) AS with_x, \
         SUM(n) FILTER (WHERE x < 0) AS below, AVG(small) FILTER (WHERE b AND y > 0) AS mean, \
         MAX(t) FILTER (WHERE NOT b) AS latest FROM events GROUP BY k",
    ),
    (
        "filtered",
        "SELECT k, COUNT(*) AS events FROM events WHERE (x >= 0 OR b) AND s LIKE '%b%' AND n IN (0, 1, 7) OR x = 0.0 \
         GROUP BY k",
    ),
    (
        "guarded",
        "SELECT k, COUNT(*) AS events FROM events WHERE y / x > 1 GROUP BY k",
    ),
    (
        "safe_quotient",
        "SELECT g, MIN(y / nullif(x, 0)) AS least, MAX(y / nullif(x, 0)) AS most FROM events GROUP BY g",
    ),
    (
        "inner_join",
        "SELECT l.label, COUNT(*) AS events, SUM(y * abs(l.factor)) AS weighted FROM events e \
         JOIN labels l ON e.k = l.k GROUP BY l.label",
    ),
    (
        "outer_join",
        "SELECT labels.label, COUNT(*) AS events, COUNT(labels.level) AS known FROM events \
         LEFT JOIN labels ON events.k = labels.k AND labels.level = events.g GROUP BY labels.label",
    ),
    (
        "two_joins",
        "SELECT coalesce(label, 'none') AS label, holiday, COUNT(*) AS events FROM events e \
         LEFT JOIN labels l ON l.k = e.k LEFT JOIN days ON CAST(e.t AS date) = days.d \
         WHERE l.level IS NULL OR l.level < 3 GROUP BY 1, holiday",
    ),
    (
        "joined_twice",
        "SELECT a.label AS one, b.label AS other, COUNT(*) AS events FROM events e JOIN labels a ON e.k = a.k \
         JOIN labels b ON e.g = b.level GROUP BY a.label, b.label",
    ),
    (
        "chained_join",
        "SELECT holiday, COUNT(*) AS events FROM events e JOIN labels l ON e.k = l.k JOIN days ON days.d = l.since GROUP BY holiday",
    ),
    (
        "level_plain",
        "SELECT id, k, n, big, x, b, t, d, s FROM events WHERE b OR n IS NULL",
    ),
    (
        "level_computed",
        "SELECT id, s || coalesce(k, '?') AS text, x * 2 AS double_x, n % 7 = 0 AS sevens FROM events",
    ),
    (
        "level_joined",
        "SELECT id, label, y * factor AS weighted FROM events JOIN labels ON events.k = labels.k WHERE y * factor < 5",
    ),
];

#[test]
fn merged_parts_equal_the_view_over_all_events() {
    let definition = definition();
    check_law(&definition, &references(&definition), VIEWS, events(40));
}

#[test]
fn merged_parts_equal_the_views_of_the_thermostats() {
    let (definition, references) = repository("thermostats");
    let known = references[0]
        .1
        .column_by_name("deviceid")
        .unwrap()
        .as_string::<i32>();
    let devices: Vec<String> = [known.value(0), known.value(1), "no such device"]
        .map(str::to_owned)
        .to_vec();
    let event = (
        "[a-z0-9-]{1,8}",
        select(devices),
        select(values("t")),
        -50.0..150.0,
    )
        .prop_map(|(uuid, device, time, temperature)| {
            vec![
                Cell::Text(uuid),
                Cell::Text(device),
                time,
                Cell::Double(temperature),
            ]
        });
    check_law(
        &definition,
        &references,
        &views(&definition),
        vec(event, 0..60),
    );
}

#[test]
fn merged_parts_equal_the_views_of_the_crimes() {
    let (definition, references) = repository("crimes");
    let texts = |texts: [&str; 2]| {
        let texts = texts.map(|text| Cell::Text(text.to_owned()));
        select(texts.to_vec())
    };
    let event = (
        (select(values("t")), select(values("t"))),
        (
            texts(["001XX N STATE ST", "002XX N STATE ST"]),
            texts(["THEFT", "BATTERY"]),
        ),
        (texts(["SIMPLE", ""]), texts(["STREET", ""])),
        (any::<bool>(), any::<bool>()),
        prop_oneof![Just(Cell::Null), (1i64..=2).prop_map(Cell::Integer)],
        (41.6..42.1, -87.9..-87.5),
    )
        .prop_map(|(times, keys, notes, flags, ward, (latitude, longitude))| {
            vec![
                times.0,
                times.1,
                keys.0,
                keys.1,
                notes.0,
                notes.1,
                Cell::Boolean(flags.0),
                Cell::Boolean(flags.1),
                ward,
                Cell::Double(latitude),
                Cell::Double(longitude),
            ]
        });
    check_law(
        &definition,
        &references,
        &views(&definition),
        vec(event, 0..60),
    );
}

/// A pipeline of the repository, and its reference tables.
fn repository(pipeline: &str) -> (Definition, Vec<(String, RecordBatch)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../pipelines")
        .join(pipeline);
    let definition = Definition::from_folder(&folder).unwrap();
    let references = definition.references.iter().map(|reference| {
        let file = folder
            .join("reference")
            .join(format!("{}.csv", reference.name));
        let rows = reference.read_csv(&std::fs::read(file).unwrap()).unwrap();
        (reference.name.clone(), rows)
    });
    let references = references.collect();
    (definition, references)
}

fn views(definition: &Definition) -> Vec<(&str, &str)> {
    definition
        .views
        .iter()
        .map(|(name, sql)| (name.as_str(), sql.as_str()))
        .collect()
}
