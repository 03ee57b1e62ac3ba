//! Statements over the raw table.

use std::collections::BTreeMap;

use twinlake_pipeline::{Column, ColumnType, Position};
use twinlake_views::ViewColumn;

use super::{IDENTITY, list, name, text};
use crate::layout::{HOUR_MS, Hour, RAW_TABLE};
use crate::ledger::Arrivals;

/// A range of positions of one shard: after one, up to and including another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The shard's id.
    pub shard: String,
    /// Not in the range.
    pub after: Position,
    /// In the range.
    pub upto: Position,
}

/// The raw folders to read, and the arrival times of the rows that matter in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    hours: Vec<Hour>,
    arrivals: Arrivals,
}

impl Folders {
    /// The folders of these hours, of which rows with arrival times in `arrivals` matter.
    pub fn new(hours: Vec<Hour>, arrivals: Arrivals) -> Self {
        Self { hours, arrivals }
    }

    /// The folders that can hold what arrived in the given spans of time: an hour more on either side, since an
    /// object lies in the hour of its oldest record, and two days more before a span that is `wide`.
    ///
    /// `None` if there is no span.
    pub fn around(spans: impl IntoIterator<Item = (Arrivals, bool)>) -> Option<Self> {
        let mut hours = Vec::new();
        let mut arrivals = None;
        for (span, wide) in spans {
            let before = if wide { 49 * HOUR_MS } else { HOUR_MS };
            hours.extend(Hour::range(
                span.min_arrival_ms - before,
                span.max_arrival_ms + HOUR_MS,
            ));
            arrivals = Arrivals::join(arrivals, Some(span));
        }
        hours.sort_unstable();
        hours.dedup();
        arrivals.map(|arrivals| Self { hours, arrivals })
    }

    /// The hours, in order.
    pub fn hours(&self) -> &[Hour] {
        &self.hours
    }

    /// The arrival times of the rows that matter.
    pub fn arrivals(&self) -> Arrivals {
        self.arrivals
    }

    /// The condition on the partition keys and the arrival time.
    ///
    /// The exact folders are an alternative of days, which prunes but is no range that reaches the catalog; the lists
    /// before it are.
    fn condition(&self) -> String {
        let mut days: BTreeMap<[String; 3], Vec<String>> = BTreeMap::new();
        for hour in &self.hours {
            let [year, month, day, hour] = hour.values();
            days.entry([year, month, day])
                .or_default()
                .push(text(&hour));
        }
        let distinct = |part: usize| {
            let mut values: Vec<_> = days.keys().map(|day| text(&day[part])).collect();
            values.sort_unstable();
            values.dedup();
            values.join(", ")
        };
        let exact = days.iter().map(|([year, month, day], hours)| {
            format!(
                "(year = {} AND month = {} AND day = {} AND hour IN ({}))",
                text(year),
                text(month),
                text(day),
                hours.join(", ")
            )
        });
        format!(
            "year IN ({}) AND month IN ({}) AND day IN ({}) AND ({}) AND \"_arrival_ms\" BETWEEN {} AND {}",
            distinct(0),
            distinct(1),
            distinct(2),
            exact.collect::<Vec<_>>().join(" OR "),
            self.arrivals.min_arrival_ms,
            self.arrivals.max_arrival_ms,
        )
    }
}

/// The ranges as a table of three columns.
fn ranges_table(ranges: &[Range]) -> String {
    let row = |range: &Range| {
        format!(
            "({}, {}, {})",
            text(&range.shard),
            text(range.after.as_str()),
            text(range.upto.as_str())
        )
    };
    format!(
        "(VALUES {}) AS ranges (shard, after, upto)",
        list(ranges.iter().map(row))
    )
}

/// The rows of the ranges, each as often as it was delivered.
fn rows(columns: &str, ranges: &[Range], folders: &Folders, genesis_ms: i64) -> String {
    format!(
        "SELECT {columns} FROM {RAW_TABLE} JOIN {} ON \"_shard\" = ranges.shard \
         AND \"_position\" > ranges.after AND \"_position\" <= ranges.upto \
         WHERE {} AND \"_arrival_ms\" >= {genesis_ms}",
        ranges_table(ranges),
        folders.condition(),
    )
}

/// The events of the ranges, one row each, with exactly the declared columns: the FROM item of a partial statement.
pub(super) fn events_source(
    columns: &[Column],
    ranges: &[Range],
    folders: &Folders,
    genesis_ms: i64,
) -> String {
    let declared = list(columns.iter().map(|column| name(&column.name)));
    let copies = format!(
        "{declared}, row_number() OVER (PARTITION BY {IDENTITY} ORDER BY \"_arrival_ms\") AS \"_copy\""
    );
    let rows = rows(&copies, ranges, folders, genesis_ms);
    format!("(SELECT {declared} FROM ({rows} AND \"_reject\" IS NULL) WHERE \"_copy\" = 1)")
}

/// What raw holds of the ranges, one identity counted once: shard, events, rejected records and checksum, a row for
/// each shard that has any.
pub fn proof(ranges: &[Range], folders: &Folders, genesis_ms: i64) -> String {
    let rows = rows(
        &format!("{IDENTITY}, \"_reject\""),
        ranges,
        folders,
        genesis_ms,
    );
    let checksum = "from_base(substr(to_hex(md5(to_utf8(\"_position\"))), 1, 8), 16) + \"_sub\"";
    format!(
        "SELECT \"_shard\", count_if(NOT rejected), count_if(rejected), \
         CAST(sum(CAST({checksum} AS decimal(38, 0))) AS varchar) \
         FROM (SELECT {IDENTITY}, bool_or(\"_reject\" IS NOT NULL) AS rejected FROM ({rows}) GROUP BY {IDENTITY}) \
         GROUP BY \"_shard\""
    )
}

/// Rows that arrived before `before_ms` and lie after the position that the ledger of their shard has come to:
/// shard, number of events, number of rejected records, and the last position.
pub fn unread(
    ledgers: &[(String, Position)],
    folders: &Folders,
    genesis_ms: i64,
    before_ms: i64,
) -> String {
    let none = "(CAST('' AS varchar), CAST('' AS varchar))".to_owned();
    let row = |(shard, position): &(String, Position)| {
        format!("({}, {})", text(shard), text(position.as_str()))
    };
    let heads = list(std::iter::once(none).chain(ledgers.iter().map(row)));
    format!(
        "SELECT \"_shard\", count_if(NOT rejected), count_if(rejected), max(\"_position\") \
         FROM (SELECT {IDENTITY}, bool_or(\"_reject\" IS NOT NULL) AS rejected \
         FROM {RAW_TABLE} LEFT JOIN (VALUES {heads}) AS heads (shard, position) ON \"_shard\" = heads.shard \
         WHERE {} AND \"_arrival_ms\" >= {genesis_ms} AND \"_arrival_ms\" < {before_ms} \
         AND \"_position\" > coalesce(heads.position, '') GROUP BY {IDENTITY}) GROUP BY \"_shard\"",
        folders.condition(),
    )
}

/// The view `events`: every accepted event once, for people. Without a genesis it has no row.
pub fn events_view(columns: &[Column], genesis_ms: Option<i64>) -> (String, Vec<ViewColumn>) {
    let declared = columns
        .iter()
        .map(|column| (column.name.as_str(), column.column_type));
    let shown: Vec<_> = declared.chain(identity_columns()).collect();
    (
        one_row_each(&shown, "\"_reject\" IS NULL", genesis_ms),
        view_columns(shown),
    )
}

/// The view `_rejected`: every rejected record once, with the reason and its bytes in base64.
pub fn rejected_view(genesis_ms: Option<i64>) -> (String, Vec<ViewColumn>) {
    let own = [
        ("_reject", ColumnType::String),
        ("_bytes", ColumnType::String),
        ("_definition", ColumnType::String),
    ];
    let shown: Vec<_> = own.into_iter().chain(identity_columns()).collect();
    (
        one_row_each(&shown, "\"_reject\" IS NOT NULL", genesis_ms),
        view_columns(shown),
    )
}

fn identity_columns() -> [(&'static str, ColumnType); 5] {
    [
        ("_shard", ColumnType::String),
        ("_position", ColumnType::String),
        ("_sub", ColumnType::BigInt),
        ("_line", ColumnType::BigInt),
        ("_arrival_ms", ColumnType::BigInt),
    ]
}

fn view_columns(shown: Vec<(&str, ColumnType)>) -> Vec<ViewColumn> {
    shown
        .into_iter()
        .map(|(name, column_type)| ViewColumn {
            name: name.to_owned(),
            column_type,
        })
        .collect()
}

fn one_row_each(shown: &[(&str, ColumnType)], condition: &str, genesis_ms: Option<i64>) -> String {
    let columns = list(shown.iter().map(|(column, _)| name(column)));
    format!(
        "SELECT {columns} FROM (SELECT {columns}, \
         row_number() OVER (PARTITION BY {IDENTITY} ORDER BY \"_arrival_ms\") AS \"_copy\" \
         FROM {RAW_TABLE} WHERE {condition} AND \"_arrival_ms\" >= {}) WHERE \"_copy\" = 1",
        genesis_ms.unwrap_or(i64::MAX),
    )
}
