//! Local times: times as the clocks of a zone show them.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

const HOUR_MS: i64 = 3_600_000;

/// A zone of the IANA's database.
#[derive(Debug)]
pub(super) struct Timezone {
    tz: Tz,
    last: LastHour,
}

/// The hour that was asked for last, and its offset from UTC. Events come more or less in the order of their times, and
/// the look-up of an offset costs several times as much as the rest of the parsing.
///
/// The upper half is the local hour since 1970-01-01, the lower half the offset in seconds. One word holds both, so that
/// they belong together without a lock.
#[derive(Debug)]
struct LastHour(AtomicU64);

/// The names of all zones.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TZ_VARIANTS.iter().map(|timezone| timezone.name())
}

impl Timezone {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(Self::new(name.parse().ok()?))
    }

    fn new(tz: Tz) -> Self {
        Self {
            tz,
            last: LastHour::default(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.tz.name()
    }

    /// The local time.
    pub(super) fn local(&self, time: DateTime<Utc>) -> DateTime<Tz> {
        time.with_timezone(&self.tz)
    }

    /// The point in time of a local time, both in milliseconds since 1970-01-01. A local time that clocks skip is read as
    /// if they had not been set; of a local time that they show twice, the first is meant.
    pub(super) fn utc_ms(&self, local_ms: i64) -> i64 {
        local_ms - self.offset_ms(local_ms)
    }

    fn offset_ms(&self, local_ms: i64) -> i64 {
        let hour = local_ms.div_euclid(HOUR_MS);
        let seconds = self.last.offset(hour).unwrap_or_else(|| {
            let first = self.single_offset(hour * HOUR_MS);
            let last = self.single_offset((hour + 1) * HOUR_MS - 1);
            match (first, last) {
                (Some(first), Some(last)) if first == last => {
                    self.last.remember(hour, first);
                    first
                }
                // Clocks are set within this hour, or within one of the hours that it may stand for.
                _ => self.offset(local_ms),
            }
        });
        i64::from(seconds) * 1_000
    }

    /// The offset in seconds of a local time that clocks show once.
    fn single_offset(&self, local_ms: i64) -> Option<i32> {
        self.offsets(local_ms).single()
    }

    fn offset(&self, local_ms: i64) -> i32 {
        let earlier = |hours: i64| self.offsets(local_ms - hours * HOUR_MS).latest();
        // No clock was ever set forward by more than a day.
        let before = || (1..=24).find_map(earlier);
        let offset = self.offsets(local_ms).earliest().or_else(before);
        offset.expect("clocks show some time of the last day")
    }

    fn offsets(&self, local_ms: i64) -> MappedLocalTime<i32> {
        self.tz
            .offset_from_local_datetime(&naive(local_ms))
            .map(|offset| offset.fix().local_minus_utc())
    }
}

fn naive(ms: i64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(ms)
        .expect("times have years of four digits")
        .naive_utc()
}

impl Clone for Timezone {
    fn clone(&self) -> Self {
        Self::new(self.tz)
    }
}

impl PartialEq for Timezone {
    fn eq(&self, other: &Self) -> bool {
        self.tz == other.tz
    }
}

impl Eq for Timezone {}

impl LastHour {
    fn offset(&self, hour: i64) -> Option<i32> {
        let word = self.0.load(Ordering::Relaxed);
        let remembered = (word >> 32) as u32 as i32;
        (i64::from(remembered) == hour).then_some(word as u32 as i32)
    }

    fn remember(&self, hour: i64, offset: i32) {
        if let Ok(hour) = i32::try_from(hour) {
            let word = u64::from(hour as u32) << 32 | u64::from(offset as u32);
            self.0.store(word, Ordering::Relaxed);
        }
    }
}

impl Default for LastHour {
    /// An hour that no time of four-digit years has.
    fn default() -> Self {
        Self(AtomicU64::new(u64::from(i32::MIN as u32) << 32))
    }
}
