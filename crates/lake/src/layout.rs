//! Keys and prefixes in the bucket. Only objects under `state/` are ever written twice.

use chrono::{DateTime, Timelike, Utc};
use twinlake_pipeline::SequenceNumber;

/// The name of the raw table, which Terraform owns.
pub const RAW_TABLE: &str = "raw";
/// The prefix under which event source mappings write discarded batches. The service decides it.
pub const DISCARDED_PREFIX: &str = "aws/lambda/";
/// The milliseconds of an hour, the span of one raw folder.
pub const HOUR_MS: i64 = 3_600_000;

/// The keys and prefixes of one pipeline in one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    bucket: String,
    pipeline: String,
}

impl Layout {
    /// The layout of `pipeline` in `bucket`.
    pub fn new(bucket: impl Into<String>, pipeline: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            pipeline: pipeline.into(),
        }
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The pipeline's name.
    pub fn pipeline(&self) -> &str {
        &self.pipeline
    }

    /// The URI of a key, `s3://bucket/key`.
    pub fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// The prefix of all raw folders.
    pub fn raw_prefix(&self) -> String {
        format!("raw/{}/", self.pipeline)
    }

    /// The raw folder of an hour.
    pub fn raw_folder(&self, hour: Hour) -> String {
        let [year, month, day, hour] = hour.values();
        format!(
            "raw/{}/year={year}/month={month}/day={day}/hour={hour}/",
            self.pipeline
        )
    }

    /// The key of an object with verdicts on records of a shard that arrived in an hour. `hash` is that of its content.
    pub fn verdicts(&self, hour: Hour, shard: &str, hash: &str) -> String {
        format!("{}verdicts-{shard}-{hash}.parquet", self.raw_folder(hour))
    }

    /// The key of the list of definitions.
    pub fn definitions(&self) -> String {
        format!("state/{}/definitions.json", self.pipeline)
    }

    /// The key of the genesis.
    pub fn genesis(&self) -> String {
        format!("state/{}/genesis.json", self.pipeline)
    }

    /// The key of the list of speed logs.
    pub fn speed_logs(&self) -> String {
        format!("state/{}/speed_logs.json", self.pipeline)
    }

    /// The prefix of all checkpoints.
    pub fn checkpoints_prefix(&self) -> String {
        format!("state/{}/checkpoints/", self.pipeline)
    }

    /// The key of a shard's checkpoint.
    pub fn checkpoint(&self, shard: &str) -> String {
        format!("state/{}/checkpoints/{shard}", self.pipeline)
    }

    /// The key of the audit's state.
    pub fn audit(&self) -> String {
        format!("state/{}/audit.json", self.pipeline)
    }

    /// The key of a page of older audited stretches. `sha256` is the hash of its content.
    pub fn audited_page(&self, sha256: &str) -> String {
        format!("state/{}/audited/{sha256}.json", self.pipeline)
    }

    /// The key of a view's document.
    pub fn view(&self, view: &str) -> String {
        format!("state/{}/views/{view}.json", self.pipeline)
    }

    /// The prefix of the segments of a speed log, of all shards.
    pub fn speed_log_prefix(&self, speed_log: &SpeedLogName) -> String {
        format!("speed/{}/{speed_log}/", self.pipeline)
    }

    /// The only possible key of the segment that begins after `after`.
    pub fn segment(&self, speed_log: &SpeedLogName, shard: &str, after: &SequenceNumber) -> String {
        format!(
            "speed/{}/{speed_log}/{shard}_after-{after}.parquet",
            self.pipeline
        )
    }

    /// The prefix of the runs of a view.
    pub fn batch_prefix(&self, view: &str, fingerprint: &str) -> String {
        format!("batch/{}/{view}/{fingerprint}/", self.pipeline)
    }

    /// The prefix of the objects of a run.
    pub fn run_prefix(&self, view: &str, fingerprint: &str, run: u64) -> String {
        format!("batch/{}/{view}/{fingerprint}/run={run}/", self.pipeline)
    }

    /// The prefix of one content of a reference table.
    pub fn reference_prefix(name: &str, sha256: &str) -> String {
        format!("reference/{name}/{sha256}/")
    }

    /// The key of a reference table's CSV object.
    pub fn reference_object(name: &str, sha256: &str) -> String {
        format!("reference/{name}/{sha256}/{name}.csv")
    }
}

/// The shard and the beginning of the segment at `key`; `None` if the key is not a segment's.
pub fn parse_segment(key: &str) -> Option<(&str, SequenceNumber)> {
    let (shard, after) = key
        .rsplit('/')
        .next()?
        .strip_suffix(".parquet")?
        .split_once("_after-")?;
    Some((shard, SequenceNumber::parse(after).ok()?))
}

/// The name of a speed log: `<view>/<fingerprint>/<generation>`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct SpeedLogName(String);

impl SpeedLogName {
    /// The speed log of a view's fingerprint and generation, counted from 1.
    pub fn new(view: &str, fingerprint: &str, generation: u32) -> Self {
        Self(format!("{view}/{fingerprint}/{generation}"))
    }

    /// The name of the view.
    pub fn view(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The fingerprint of the view.
    pub fn fingerprint(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }
}

impl std::fmt::Display for SpeedLogName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An hour in UTC, the unit of raw folders. As text it is such as `2026-11-21T07`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct Hour(i64);

impl Hour {
    /// The hour of a time in milliseconds since 1970.
    pub fn of(time_ms: i64) -> Self {
        Self(time_ms.div_euclid(HOUR_MS))
    }

    /// The first millisecond of the hour.
    pub fn start_ms(self) -> i64 {
        self.0 * HOUR_MS
    }

    /// The hours from that of `from_ms` to that of `to_ms`, both included.
    pub fn range(from_ms: i64, to_ms: i64) -> impl Iterator<Item = Self> {
        (Self::of(from_ms).0..=Self::of(to_ms).0).map(Self)
    }

    /// Year, month, day and hour as folders spell them.
    pub fn values(self) -> [String; 4] {
        let time = DateTime::<Utc>::from_timestamp_millis(self.start_ms()).unwrap_or_default();
        [
            time.format("%Y").to_string(),
            time.format("%m").to_string(),
            time.format("%d").to_string(),
            format!("{:02}", time.hour()),
        ]
    }

    /// Parses the output of [`Hour::values`].
    pub fn from_values(values: &[String]) -> Option<Self> {
        let [year, month, day, hour] = values else {
            return None;
        };
        Self::parse(&format!("{year}-{month}-{day}T{hour}"))
    }

    /// Parses an hour such as `2026-11-21T07`.
    pub fn parse(text: &str) -> Option<Self> {
        let time =
            chrono::NaiveDateTime::parse_from_str(&format!("{text}:00"), "%Y-%m-%dT%H:%M").ok()?;
        Some(Self::of(time.and_utc().timestamp_millis()))
    }

    /// The values of the partition keys in one text, such as `2026112107`, whose order is that of the hours.
    pub fn digits(self) -> String {
        self.values().concat()
    }

    /// Parses the output of [`Hour::digits`].
    pub fn from_digits(digits: &str) -> Option<Self> {
        let time = chrono::NaiveDateTime::parse_from_str(&format!("{digits}00"), "%Y%m%d%H%M");
        Some(Self::of(time.ok()?.and_utc().timestamp_millis()))
    }
}

impl std::fmt::Display for Hour {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [year, month, day, hour] = self.values();
        write!(formatter, "{year}-{month}-{day}T{hour}")
    }
}

impl From<Hour> for String {
    fn from(hour: Hour) -> Self {
        hour.to_string()
    }
}

impl TryFrom<String> for Hour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("no hour such as 2026-11-21T07: {text}"))
    }
}

/// An unbroken interval of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Hours {
    /// The first hour.
    #[serde(rename = "first_hour")]
    pub first: Hour,
    /// The last hour, which is part of the interval.
    #[serde(rename = "last_hour")]
    pub last: Hour,
}

impl Hours {
    /// The hours from that of one time to that of another, in milliseconds since 1970.
    pub fn between(from_ms: i64, to_ms: i64) -> Self {
        Self {
            first: Hour::of(from_ms),
            last: Hour::of(to_ms),
        }
    }

    /// The least interval that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }

    /// Reports whether an hour lies in the interval.
    pub fn contain(self, hour: Hour) -> bool {
        (self.first..=self.last).contains(&hour)
    }

    /// The number of hours.
    pub fn count(self) -> i64 {
        self.last.0 - self.first.0 + 1
    }

    /// The hours, in order.
    pub fn iter(self) -> impl Iterator<Item = Hour> {
        (self.first.0..=self.last.0).map(Hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_object_is_found_back_from_its_key() {
        let layout = Layout::new("bucket", "thermostats");
        let after = SequenceNumber::parse("42").unwrap();
        let key = layout.segment(
            &SpeedLogName::new("daily", "abc", 1),
            "shardId-000000000001",
            &after,
        );
        assert_eq!(parse_segment(&key), Some(("shardId-000000000001", after)));
        assert_eq!(
            parse_segment("speed/thermostats/daily/abc/1/notes.txt"),
            None
        );
    }

    #[test]
    fn hours_cross_midnight_and_years() {
        let last = Hour::parse("2026-12-31T23").unwrap();
        let hours: Vec<_> = Hour::range(last.start_ms(), last.start_ms() + HOUR_MS)
            .map(Hour::values)
            .collect();
        assert_eq!(hours[1], ["2027", "01", "01", "00"].map(str::to_owned));
        assert_eq!(Hour::from_values(&hours[0]), Some(last));
        assert_eq!(Hour::parse("2026-13-01T00"), None);
        assert_eq!(last.digits(), "2026123123");
        assert_eq!(Hour::from_digits("2026123123"), Some(last));
        assert_eq!(Hour::from_digits("2026123124"), None);
    }
}
