//! What lies where in the bucket. Nothing but `state/` is ever written twice.

use chrono::{DateTime, Timelike, Utc};
use twinlake_pipeline::Position;

/// The raw table, which Terraform owns.
pub const RAW_TABLE: &str = "raw";
/// Where an event source mapping puts the batches that it gives up on; the service decides this prefix.
pub const DISCARDED_PREFIX: &str = "aws/lambda/";
/// Milliseconds of an hour, which is what one raw folder holds.
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

    /// `s3://bucket/key`
    pub fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// Below it lie the raw folders.
    pub fn raw_prefix(&self) -> String {
        format!("raw/{}/", self.pipeline)
    }

    /// The folder that Firehose names by `hour`.
    pub fn raw_folder(&self, hour: Hour) -> String {
        let [year, month, day, hour] = hour.values();
        format!(
            "raw/{}/year={year}/month={month}/day={day}/hour={hour}/",
            self.pipeline
        )
    }

    /// The list of definitions.
    pub fn definitions(&self) -> String {
        format!("state/{}/definitions.json", self.pipeline)
    }

    /// The time from which the lake holds events.
    pub fn genesis(&self) -> String {
        format!("state/{}/genesis.json", self.pipeline)
    }

    /// The list of chains.
    pub fn chains(&self) -> String {
        format!("state/{}/chains.json", self.pipeline)
    }

    /// Below it lies one head a shard.
    pub fn heads_prefix(&self) -> String {
        format!("state/{}/heads/", self.pipeline)
    }

    /// A shard's head.
    pub fn head(&self, shard: &str) -> String {
        format!("state/{}/heads/{shard}", self.pipeline)
    }

    /// How far raw is proven to hold what the ledgers say.
    pub fn proof(&self) -> String {
        format!("state/{}/proof.json", self.pipeline)
    }

    /// The plan of a view's next run.
    pub fn plan(&self, view: &str) -> String {
        format!("state/{}/plans/{view}.json", self.pipeline)
    }

    /// What a view's text named lately, which decides what may be deleted.
    pub fn retention(&self, view: &str) -> String {
        format!("state/{}/retention/{view}.json", self.pipeline)
    }

    /// Where the speed objects of a chain lie, of every shard.
    pub fn speed_prefix(&self, chain: &ChainName) -> String {
        format!("speed/{}/{chain}/", self.pipeline)
    }

    /// The one key that an object of `chain` and `shard` which begins after `after` can have.
    pub fn speed_object(&self, chain: &ChainName, shard: &str, after: &Position) -> String {
        format!(
            "speed/{}/{chain}/{shard}_after-{after}.parquet",
            self.pipeline
        )
    }

    /// Where the runs of a view lie.
    pub fn batch_prefix(&self, view: &str, fingerprint: &str) -> String {
        format!("batch/{}/{view}/{fingerprint}/", self.pipeline)
    }

    /// Where one attempt at a run puts its objects.
    pub fn run_prefix(&self, view: &str, fingerprint: &str, run: u64, attempt: u32) -> String {
        format!(
            "batch/{}/{view}/{fingerprint}/run={run}/attempt={attempt}/",
            self.pipeline
        )
    }

    /// Where a reference table's one CSV object lies.
    pub fn reference_prefix(name: &str, sha256: &str) -> String {
        format!("reference/{name}/{sha256}/")
    }

    /// A reference table's CSV object.
    pub fn reference_object(name: &str, sha256: &str) -> String {
        format!("reference/{name}/{sha256}/{name}.csv")
    }
}

/// Shard and beginning of the speed object at `key`, or `None` if the key is no speed object's.
pub fn parse_speed_object(key: &str) -> Option<(&str, Position)> {
    let (shard, after) = key
        .rsplit('/')
        .next()?
        .strip_suffix(".parquet")?
        .split_once("_after-")?;
    Some((shard, Position::parse(after).ok()?))
}

/// The name of a chain: `<view>/<fingerprint>/<generation>`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct ChainName(String);

impl ChainName {
    /// The chain of a view's fingerprint in a generation (the first is 1).
    pub fn new(view: &str, fingerprint: &str, generation: u32) -> Self {
        Self(format!("{view}/{fingerprint}/{generation}"))
    }

    /// The view it belongs to.
    pub fn view(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The fingerprint of the view that it holds partials of.
    pub fn fingerprint(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }
}

impl std::fmt::Display for ChainName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One hour of UTC, as Firehose names raw folders by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(i64);

impl Hour {
    /// The hour that holds a time in milliseconds since 1970.
    pub fn of(time_ms: i64) -> Self {
        Self(time_ms.div_euclid(HOUR_MS))
    }

    /// The first millisecond of the hour.
    pub fn start_ms(self) -> i64 {
        self.0 * HOUR_MS
    }

    /// Every hour from the one of `from_ms` to the one of `to_ms`, both included.
    pub fn range(from_ms: i64, to_ms: i64) -> impl Iterator<Item = Self> {
        (Self::of(from_ms).0..=Self::of(to_ms).0).map(Self)
    }

    /// Year, month, day and hour as the folders spell them.
    pub fn values(self) -> [String; 4] {
        let time = DateTime::<Utc>::from_timestamp_millis(self.start_ms()).unwrap_or_default();
        [
            time.format("%Y").to_string(),
            time.format("%m").to_string(),
            time.format("%d").to_string(),
            format!("{:02}", time.hour()),
        ]
    }

    /// Reads what [`Hour::values`] gives.
    pub fn from_values(values: &[String]) -> Option<Self> {
        let [year, month, day, hour] = values else {
            return None;
        };
        Self::parse(&format!("{year}-{month}-{day}T{hour}"))
    }

    /// Reads `2026-11-21T07`.
    pub fn parse(text: &str) -> Option<Self> {
        let time =
            chrono::NaiveDateTime::parse_from_str(&format!("{text}:00"), "%Y-%m-%dT%H:%M").ok()?;
        Some(Self::of(time.and_utc().timestamp_millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_object_is_found_back_from_its_key() {
        let layout = Layout::new("bucket", "thermostats");
        let after = Position::parse("42").unwrap();
        let key = layout.speed_object(
            &ChainName::new("daily", "abc", 1),
            "shardId-000000000001",
            &after,
        );
        assert_eq!(
            parse_speed_object(&key),
            Some(("shardId-000000000001", after))
        );
        assert_eq!(
            parse_speed_object("speed/thermostats/daily/abc/1/notes.txt"),
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
    }
}
