//! Statements over the raw table.

use std::collections::BTreeMap;

use twinlake_pipeline::{Column, ColumnType, SequenceNumber};
use twinlake_views::ViewColumn;

use super::{IDENTITY, list, name, text};
use crate::layout::{HOUR_MS, Hour, RAW_TABLE};
use crate::ledger::Arrivals;

/// A range of sequence numbers of one shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The shard's id.
    pub shard: String,
    /// The sequence number before the range.
    pub after: SequenceNumber,
    /// The last sequence number of the range.
    pub upto: SequenceNumber,
}

/// The raw folders that a statement reads, and the arrival times of the rows that it takes from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    hours: Vec<Hour>,
    arrivals: Arrivals,
}

impl Folders {
    /// The folders of some hours, and the arrival times of the rows to take.
    pub fn new(hours: Vec<Hour>, arrivals: Arrivals) -> Self {
        Self { hours, arrivals }
    }

    /// The folders that can hold records of the given arrival times; `None` without any. An hour on either side is added,
    /// since an object lies in the hour of its oldest record, and two days before a span with `lookback` set.
    pub fn around(spans: impl IntoIterator<Item = (Arrivals, bool)>) -> Option<Self> {
        let mut hours = Vec::new();
        let mut arrivals = None;
        for (span, lookback) in spans {
            let before = if lookback { 49 * HOUR_MS } else { HOUR_MS };
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

    /// The arrival times of the rows to take.
    pub fn arrivals(&self) -> Arrivals {
        self.arrivals
    }

    /// The condition on the partition keys and the arrival time.
    ///
    /// The lists of years, months and days reach the catalog as a filter. The disjunction of days after them prunes the
    /// exact folders, but never reaches the catalog.
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

/// The rows of the ranges, copies included.
fn rows(columns: &str, ranges: &[Range], folders: &Folders, genesis_ms: i64) -> String {
    format!(
        "SELECT {columns} FROM {RAW_TABLE} JOIN {} ON \"_shard\" = ranges.shard \
         AND \"_sequence_number\" > ranges.after AND \"_sequence_number\" <= ranges.upto \
         WHERE {} AND \"_arrival_ms\" >= {genesis_ms}",
        ranges_table(ranges),
        folders.condition(),
    )
}

/// The events of the ranges, one row an identity, with exactly the declared columns: the FROM item of a partial.
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

/// The audit: raw's totals of the ranges, each identity counted once. Its columns are shard, events, rejected records and
/// checksum. A shard without rows has no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The ranges, one a shard.
    pub ranges: Vec<Range>,
    /// The folders to count in.
    pub folders: Folders,
    /// The arrival time at which the lake begins, in milliseconds since 1970.
    pub genesis_ms: i64,
}

impl Audit {
    pub(super) fn text(&self) -> String {
        let rows = rows(
            &format!("{IDENTITY}, \"_reject\""),
            &self.ranges,
            &self.folders,
            self.genesis_ms,
        );
        let checksum = "from_base(substr(to_hex(md5(to_utf8(\"_sequence_number\"))), 1, 8), 16) + \"_subsequence_number\" + \"_line\"";
        format!(
            "SELECT \"_shard\", count_if(NOT rejected), count_if(rejected), \
             CAST(sum(CAST({checksum} AS decimal(38, 0))) AS varchar) \
             FROM (SELECT {IDENTITY}, bool_or(\"_reject\" IS NOT NULL) AS rejected FROM ({rows}) GROUP BY {IDENTITY}) \
             GROUP BY \"_shard\""
        )
    }
}

/// The rows that arrived before a time and lie beyond the ledger of their shard. Its columns are shard, number of events,
/// number of rejected records and the last sequence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The end of each shard's ledger.
    pub ledgers: Vec<(String, SequenceNumber)>,
    /// The folders to search.
    pub folders: Folders,
    /// The arrival time at which the lake begins, in milliseconds since 1970.
    pub genesis_ms: i64,
    /// The arrival time before which rows count, in milliseconds since 1970.
    pub before_ms: i64,
}

impl Unread {
    pub(super) fn text(&self) -> String {
        let none = "(CAST('' AS varchar), CAST('' AS varchar))".to_owned();
        let row = |(shard, sequence_number): &(String, SequenceNumber)| {
            format!("({}, {})", text(shard), text(sequence_number.as_str()))
        };
        let checkpoints = list(std::iter::once(none).chain(self.ledgers.iter().map(row)));
        format!(
            "SELECT \"_shard\", count_if(NOT rejected), count_if(rejected), max(\"_sequence_number\") \
             FROM (SELECT {IDENTITY}, bool_or(\"_reject\" IS NOT NULL) AS rejected \
             FROM {RAW_TABLE} LEFT JOIN (VALUES {checkpoints}) AS checkpoints (shard, sequence_number) ON \"_shard\" = checkpoints.shard \
             WHERE {} AND \"_arrival_ms\" >= {} AND \"_arrival_ms\" < {} \
             AND \"_sequence_number\" > coalesce(checkpoints.sequence_number, '') GROUP BY {IDENTITY}) GROUP BY \"_shard\"",
            self.folders.condition(),
            self.genesis_ms,
            self.before_ms,
        )
    }
}

/// The view `events`: each accepted event once. Without a genesis it has no row.
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

/// The view `_rejected`: each rejected record once, with the reason and the bytes in base64.
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
        ("_sequence_number", ColumnType::String),
        ("_subsequence_number", ColumnType::BigInt),
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
