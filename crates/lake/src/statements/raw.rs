//! Statements over the raw table.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use twinlake_pipeline::{Column, ColumnType, SequenceNumber};
use twinlake_views::ViewColumn;

use super::{list, name, text};
use crate::layout::{Hour, Hours, RAW_TABLE};
use crate::state::deployment::{Definitions, Genesis};

/// A range of sequence numbers of one shard, and the folders in which its rows are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The shard's id.
    pub shard: String,
    /// The sequence number before the range.
    pub after: SequenceNumber,
    /// The last sequence number of the range.
    pub upto: SequenceNumber,
    /// The hours of the folders. Rows elsewhere are not read.
    #[serde(flatten)]
    pub hours: Hours,
}

/// A part of a range that is too large for one statement: the stream records whose hash, modulo `of`, is `index`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The number of the part, from 0.
    pub index: u64,
    /// The number of parts.
    pub of: u64,
}

/// The rows of raw that belong to the lake: those that arrived since its genesis and were decoded by the definition that
/// holds at their arrival time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The arrival time at which the lake begins, in milliseconds since 1970.
    pub genesis_ms: i64,
    /// The arrival time from which each definition holds, in milliseconds since 1970, and its decode id, in order of time.
    pub definitions: Vec<(i64, String)>,
}

impl Membership {
    /// The membership of a deployment.
    pub fn of(genesis: &Genesis, definitions: &Definitions) -> Self {
        let entries = definitions.definitions.iter();
        Self {
            genesis_ms: genesis.arrival_ms,
            definitions: entries
                .map(|entry| (entry.from_ms, entry.decode_id.clone()))
                .collect(),
        }
    }

    /// Reports whether a row belongs to the lake.
    pub fn holds(&self, arrival_ms: i64, decode_id: &str) -> bool {
        let next = self
            .definitions
            .partition_point(|(from_ms, _)| *from_ms <= arrival_ms);
        let definition = self.definitions.get(next.saturating_sub(1));
        arrival_ms >= self.genesis_ms && definition.is_some_and(|(_, id)| id == decode_id)
    }

    /// The condition on the rows of `r`.
    fn condition(&self) -> String {
        let ends = self.definitions.iter().skip(1).map(|(from_ms, _)| *from_ms);
        let spans = self.definitions.iter().zip(ends.map(Some).chain([None]));
        let holds = spans.enumerate().map(|(index, ((from_ms, id), end_ms))| {
            let mut holds = format!("r.\"_definition\" = {}", text(id));
            // The first definition also covers all earlier times.
            if index > 0 {
                holds += &format!(" AND r.\"_arrival_ms\" >= {from_ms}");
            }
            if let Some(end_ms) = end_ms {
                holds += &format!(" AND r.\"_arrival_ms\" < {end_ms}");
            }
            format!("({holds})")
        });
        format!(
            "r.\"_arrival_ms\" >= {} AND ({})",
            self.genesis_ms,
            holds.collect::<Vec<_>>().join(" OR ")
        )
    }
}

/// The hour of a row's folder: digits whose order is that of the hours.
const HOUR: &str = "concat(r.\"year\", r.\"month\", r.\"day\", r.\"hour\")";

/// The condition that only some folders are read.
///
/// The lists of years, months and days reach the catalog as a filter. The disjunction of days after them prunes the exact
/// folders, but never reaches the catalog.
fn folders(hours: impl IntoIterator<Item = Hours>) -> String {
    let hours: BTreeSet<Hour> = hours.into_iter().flat_map(Hours::iter).collect();
    let mut days: BTreeMap<[String; 3], Vec<String>> = BTreeMap::new();
    for hour in hours {
        let [year, month, day, hour] = hour.values();
        days.entry([year, month, day])
            .or_default()
            .push(text(&hour));
    }
    let distinct = |part: usize| {
        let values: BTreeSet<String> = days.keys().map(|day| text(&day[part])).collect();
        list(values)
    };
    let exact = days.iter().map(|([year, month, day], hours)| {
        let day = format!(
            "r.\"year\" = {} AND r.\"month\" = {} AND r.\"day\" = {}",
            text(year),
            text(month),
            text(day)
        );
        match hours.len() {
            24 => format!("({day})"),
            _ => format!("({day} AND r.\"hour\" IN ({}))", hours.join(", ")),
        }
    });
    format!(
        "r.\"year\" IN ({}) AND r.\"month\" IN ({}) AND r.\"day\" IN ({}) AND ({})",
        distinct(0),
        distinct(1),
        distinct(2),
        exact.collect::<Vec<_>>().join(" OR "),
    )
}

/// The rows of raw that count, of those that a FROM item and a condition select: of a stream record only the rows of its
/// newest repair, and of each identity any one copy. A verdict counts instead of the copies of its identity. The columns
/// `_hour`, `_reject` and `_drop` are there beside `columns`.
fn counted(columns: &str, from: &str, condition: &str) -> String {
    let repair = "coalesce(r.\"_repair\", 0)";
    let identity = "r.\"_shard\", r.\"_sequence_number\", r.\"_subsequence_number\", r.\"_line\"";
    format!(
        "SELECT * FROM (SELECT {columns}, {HOUR} AS \"_hour\", r.\"_reject\", r.\"_drop\", \
         row_number() OVER (PARTITION BY {identity}, {repair} \
         ORDER BY CASE WHEN r.\"_drop\" IS NULL THEN 1 ELSE 0 END, {HOUR} DESC) AS \"_copy\", \
         {repair} AS \"_repaired\", \
         max({repair}) OVER (PARTITION BY r.\"_shard\", r.\"_sequence_number\") AS \"_newest\" \
         FROM {from} WHERE {condition}) WHERE \"_copy\" = 1 AND \"_repaired\" = \"_newest\""
    )
}

/// The condition of an event among the rows that count.
const IS_EVENT: &str = "\"_drop\" IS NULL AND \"_reject\" IS NULL";
/// The condition of a rejected record among the rows that count.
const IS_REJECTED: &str = "\"_drop\" IS NULL AND \"_reject\" IS NOT NULL";
/// The condition of a dropped record among the rows that count.
const IS_DROPPED: &str = "\"_drop\" IS NOT NULL";

/// The rows of some ranges that count.
fn counted_in(
    columns: &str,
    ranges: &[Range],
    part: Option<Part>,
    membership: &Membership,
) -> String {
    let row = |range: &Range| {
        format!(
            "({}, {}, {}, {}, {})",
            text(&range.shard),
            text(range.after.as_str()),
            text(range.upto.as_str()),
            text(&range.hours.first.digits()),
            text(&range.hours.last.digits()),
        )
    };
    let from = format!(
        "{RAW_TABLE} AS r JOIN (VALUES {}) AS g (\"_shard\", \"_after\", \"_upto\", \"_first\", \"_last\") \
         ON r.\"_shard\" = g.\"_shard\" AND r.\"_sequence_number\" > g.\"_after\" \
         AND r.\"_sequence_number\" <= g.\"_upto\" AND {HOUR} BETWEEN g.\"_first\" AND g.\"_last\"",
        list(ranges.iter().map(row))
    );
    let mut condition = format!(
        "{} AND {}",
        folders(ranges.iter().map(|range| range.hours)),
        membership.condition()
    );
    if let Some(Part { index, of }) = part {
        let hash = "from_base(substr(to_hex(md5(to_utf8(concat(r.\"_shard\", r.\"_sequence_number\")))), 1, 8), 16)";
        condition += &format!(" AND mod({hash}, {of}) = {index}");
    }
    counted(columns, &from, &condition)
}

/// The events of the ranges, one row an identity, with exactly the declared columns: the FROM item of a partial.
pub(super) fn events_source(
    columns: &[Column],
    ranges: &[Range],
    part: Option<Part>,
    membership: &Membership,
) -> String {
    let declared = |qualifier: &str| {
        list(
            columns
                .iter()
                .map(|column| format!("{qualifier}{}", name(&column.name))),
        )
    };
    format!(
        "(SELECT {} FROM ({}) WHERE {IS_EVENT})",
        declared(""),
        counted_in(&declared("r."), ranges, part, membership)
    )
}

/// The audit: raw's totals of the ranges, each identity counted once, and the hours in which the rows that count lie. Its
/// columns are shard, events, rejected records, dropped records, checksum, and the digits of the first and the last hour.
/// A shard without rows has no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The ranges, one a shard.
    pub ranges: Vec<Range>,
    /// The part of the range, if there is only one and it is too large.
    pub part: Option<Part>,
    /// The rows that belong to the lake.
    pub membership: Membership,
}

impl Audit {
    pub(super) fn text(&self) -> String {
        let rows = counted_in(
            "r.\"_shard\", r.\"_sequence_number\", r.\"_subsequence_number\", r.\"_line\"",
            &self.ranges,
            self.part,
            &self.membership,
        );
        let checksum = "from_base(substr(to_hex(md5(to_utf8(\"_sequence_number\"))), 1, 8), 16) + \"_subsequence_number\" + \"_line\"";
        format!(
            "SELECT \"_shard\", count_if({IS_EVENT}), count_if({IS_REJECTED}), count_if({IS_DROPPED}), \
             CAST(coalesce(sum(CASE WHEN \"_drop\" IS NULL THEN CAST({checksum} AS decimal(38, 0)) END), 0) AS varchar), \
             min(\"_hour\"), max(\"_hour\") FROM ({rows}) GROUP BY \"_shard\""
        )
    }
}

/// The rows that arrived before a time and lie beyond the ledger of their shard. Its columns are shard, number of events,
/// number of rejected records and the last sequence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The end of each shard's ledger.
    pub ledgers: Vec<(String, SequenceNumber)>,
    /// The hours of the folders to search.
    pub hours: Hours,
    /// The rows that belong to the lake.
    pub membership: Membership,
    /// The arrival time before which rows count, in milliseconds since 1970.
    pub before_ms: i64,
}

impl Unread {
    pub(super) fn text(&self) -> String {
        let none = "(CAST('' AS varchar), CAST('' AS varchar))".to_owned();
        let row = |(shard, sequence_number): &(String, SequenceNumber)| {
            format!("({}, {})", text(shard), text(sequence_number.as_str()))
        };
        let ledgers = list(std::iter::once(none).chain(self.ledgers.iter().map(row)));
        let from = format!(
            "{RAW_TABLE} AS r LEFT JOIN (VALUES {ledgers}) AS g (\"_shard\", \"_end\") ON r.\"_shard\" = g.\"_shard\""
        );
        let condition = format!(
            "{} AND {} AND r.\"_arrival_ms\" < {} AND r.\"_sequence_number\" > coalesce(g.\"_end\", '')",
            folders([self.hours]),
            self.membership.condition(),
            self.before_ms,
        );
        let rows = counted("r.\"_shard\", r.\"_sequence_number\"", &from, &condition);
        format!(
            "SELECT \"_shard\", count_if({IS_EVENT}), count_if({IS_REJECTED}), max(\"_sequence_number\") \
             FROM ({rows}) GROUP BY \"_shard\""
        )
    }
}

/// The view `events`: each accepted event once. Without a genesis it has no row.
pub fn events_view(
    columns: &[Column],
    membership: Option<&Membership>,
) -> (String, Vec<ViewColumn>) {
    let declared = columns
        .iter()
        .map(|column| (column.name.as_str(), column.column_type));
    let shown: Vec<_> = declared.chain(identity_columns()).collect();
    (
        one_row_each(&shown, IS_EVENT, membership),
        view_columns(shown),
    )
}

/// The view `_rejected`: each rejected record once, with the reason and the bytes in base64.
pub fn rejected_view(membership: Option<&Membership>) -> (String, Vec<ViewColumn>) {
    let own = [
        ("_reject", ColumnType::String),
        ("_bytes", ColumnType::String),
        ("_definition", ColumnType::String),
    ];
    let shown: Vec<_> = own.into_iter().chain(identity_columns()).collect();
    (
        one_row_each(&shown, IS_REJECTED, membership),
        view_columns(shown),
    )
}

/// The view `_dropped`: each record that the stream itself says is a copy, with the reason.
pub fn dropped_view(membership: Option<&Membership>) -> (String, Vec<ViewColumn>) {
    let own = [
        ("_drop", ColumnType::String),
        ("_definition", ColumnType::String),
    ];
    let shown: Vec<_> = own.into_iter().chain(identity_columns()).collect();
    (
        one_row_each(&shown, IS_DROPPED, membership),
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

fn one_row_each(
    shown: &[(&str, ColumnType)],
    kind: &str,
    membership: Option<&Membership>,
) -> String {
    // Two columns are there beside those of any selection.
    let is_there = |column: &str| ["_reject", "_drop"].contains(&column);
    let selected = shown.iter().filter(|(column, _)| !is_there(column));
    let selected = list(selected.map(|(column, _)| format!("r.{}", name(column))));
    let condition = membership.map_or_else(|| "false".to_owned(), Membership::condition);
    format!(
        "SELECT {} FROM ({}) WHERE {kind}",
        list(shown.iter().map(|(column, _)| name(column))),
        counted(&selected, &format!("{RAW_TABLE} AS r"), &condition),
    )
}

#[cfg(test)]
mod tests {
    use twinlake_pipeline::SequenceNumber;

    use super::*;
    use crate::layout::HOUR_MS;

    fn range(shard: &str, after: u64, upto: u64, last: i64) -> Range {
        let number = |number: u64| SequenceNumber::parse(&number.to_string()).unwrap();
        let first_ms = Hour::parse("2026-11-21T10").unwrap().start_ms();
        Range {
            shard: shard.to_owned(),
            after: number(after),
            upto: number(upto),
            hours: Hours::between(first_ms, first_ms + last * HOUR_MS),
        }
    }

    fn membership() -> Membership {
        Membership {
            genesis_ms: 5,
            definitions: vec![(0, "a".to_owned()), (100, "b".to_owned())],
        }
    }

    #[test]
    fn a_row_is_of_the_definition_that_holds_at_its_arrival_time() {
        let membership = membership();
        let held = [
            (4, "a"),
            (5, "a"),
            (99, "a"),
            (99, "b"),
            (100, "b"),
            (100, "a"),
        ];
        assert_eq!(
            held.map(|(arrival_ms, id)| membership.holds(arrival_ms, id)),
            [false, true, true, false, true, false]
        );
    }

    #[test]
    fn the_audit_reads() {
        let audit = Audit {
            ranges: vec![range("shardId-0", 0, 8, 1), range("shardId-1", 0, 9, 0)],
            part: None,
            membership: membership(),
        };
        insta::assert_snapshot!(audit.text());
    }

    #[test]
    fn a_part_of_a_range_over_whole_days_reads() {
        let audit = Audit {
            ranges: vec![range("shardId-0", 0, 8, 40)],
            part: Some(Part { index: 2, of: 5 }),
            membership: membership(),
        };
        insta::assert_snapshot!(audit.text());
    }

    #[test]
    fn the_search_for_unread_rows_reads() {
        let unread = Unread {
            ledgers: vec![("shardId-0".to_owned(), SequenceNumber::zero())],
            hours: range("shardId-0", 0, 1, 0).hours,
            membership: membership(),
            before_ms: 200,
        };
        insta::assert_snapshot!(unread.text());
    }
}
