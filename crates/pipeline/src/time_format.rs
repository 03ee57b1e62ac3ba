//! The written forms of timestamps and dates.

mod fixed_width;
mod timezone;

use std::fmt::Write;

use chrono::format::{Fixed, Item, Parsed, StrftimeItems};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use fixed_width::FixedWidthParser;
use timezone::Timezone;

/// The format of timestamps unless a column says otherwise.
pub const DEFAULT_TIMESTAMP_FORMAT: &str = "%Y-%m-%d %H:%M:%S%.f";

/// The format of dates unless a column says otherwise.
pub const DEFAULT_DATE_FORMAT: &str = "%Y-%m-%d";

/// Years that Arrow, Parquet, Hive and Athena all write with four digits.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// The same years in milliseconds since 1970-01-01 UTC.
const YEARS_MS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// 2009-02-13 23:31:00.000 UTC, the time that formats are tried with. It has no fraction, which a format may leave out.
const SAMPLE_MS: i64 = 1_234_567_860_000;

/// 2009-02-13.
const SAMPLE_DAYS: i32 = 14_288;

/// A format of timestamps or dates in the notation of `strftime`, as the crate `chrono` defines it.
///
/// A time without an offset is UTC, unless the format has a timezone. A time with an offset (`%z`) is turned into UTC.
/// Years lie between 0001 and 9999.
///
/// ```
/// use twinlake_pipeline::TimeFormat;
///
/// let format = TimeFormat::timestamp("%d.%m.%Y %H:%M")?;
/// assert_eq!(format.parse_ms("02.01.1970 00:01"), Some(86_460_000));
/// assert_eq!(format.parse_ms("30.02.1970 00:01"), None);
///
/// let berlin = format.in_timezone("Europe/Berlin")?;
/// assert_eq!(berlin.parse_ms("02.01.1970 01:01"), Some(86_460_000));
/// assert_eq!(berlin.format_ms(86_460_000).as_deref(), Some("02.01.1970 01:01"));
/// # Ok::<(), twinlake_pipeline::InvalidFormat>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeFormat {
    pattern: String,
    items: Vec<Item<'static>>,
    /// A parser of most texts, at a tenth of the general parser's cost.
    fixed_width: Option<FixedWidthParser>,
    /// The zone of the clocks that the times are read from, if not UTC.
    timezone: Option<Timezone>,
}

/// The reason why a format cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFormat {
    /// The pattern is not in the notation of `strftime`.
    #[error("not a strftime format")]
    Syntax,
    /// The pattern leaves open which day, or which time of the day, a text means.
    #[error("does not tell a date and a time of day")]
    NoTimestamp,
    /// The pattern leaves open which day a text means.
    #[error("does not tell a date")]
    NoDate,
    /// The pattern tells more than the day.
    #[error("tells a time of day, which a date does not have")]
    TimeInDate,
    /// The IANA's database has no zone of this name.
    #[error("not a time zone of the IANA's database")]
    UnknownTimezone,
    /// The pattern tells the point in time without a zone.
    #[error("the format tells a time's offset from UTC, which leaves nothing to a zone")]
    TimezoneBesideOffset,
}

impl TimeFormat {
    /// A format of timestamps.
    ///
    /// # Errors
    /// If the pattern is not `strftime`'s or a text in it would not be one point in time.
    pub fn timestamp(pattern: &str) -> Result<Self, InvalidFormat> {
        let format = Self::new(pattern)?;
        format
            .format_ms(SAMPLE_MS)
            .and_then(|text| format.parse_ms(&text))
            .ok_or(InvalidFormat::NoTimestamp)?;
        Ok(format)
    }

    /// A format of dates.
    ///
    /// # Errors
    /// If the pattern is not `strftime`'s, or a text in it would not be one day or more than a day.
    pub fn date(pattern: &str) -> Result<Self, InvalidFormat> {
        let format = Self::new(pattern)?;
        let text = format
            .format_days(SAMPLE_DAYS)
            .ok_or(InvalidFormat::TimeInDate)?;
        format.parse_days(&text).ok_or(InvalidFormat::NoDate)?;
        Ok(format)
    }

    /// [`DEFAULT_TIMESTAMP_FORMAT`].
    pub fn default_timestamp() -> Self {
        Self::timestamp(DEFAULT_TIMESTAMP_FORMAT).expect("the default format tells a point in time")
    }

    /// [`DEFAULT_DATE_FORMAT`].
    pub fn default_date() -> Self {
        Self::date(DEFAULT_DATE_FORMAT).expect("the default format tells a day")
    }

    fn new(pattern: &str) -> Result<Self, InvalidFormat> {
        let items = StrftimeItems::new(pattern)
            .parse_to_owned()
            .map_err(|_| InvalidFormat::Syntax)?;
        Ok(Self {
            pattern: pattern.to_owned(),
            fixed_width: FixedWidthParser::new(&items),
            items,
            timezone: None,
        })
    }

    /// The same format for local times of a zone, given by its name in the IANA's database.
    ///
    /// A time that clocks skip when they are set forward is read as if they had not been set yet. Of a time that clocks
    /// show twice when they are set back, the first is meant.
    ///
    /// # Errors
    /// If there is no such zone, or the format tells a time's offset from UTC.
    pub fn in_timezone(self, timezone: &str) -> Result<Self, InvalidFormat> {
        let timezone = Timezone::named(timezone).ok_or(InvalidFormat::UnknownTimezone)?;
        let sample = self.format_ms(SAMPLE_MS);
        let parsed = sample.and_then(|text| self.parse(&text));
        if parsed.is_none_or(|parsed| parsed.offset().is_some() || parsed.timestamp().is_some()) {
            return Err(InvalidFormat::TimezoneBesideOffset);
        }
        Ok(Self {
            timezone: Some(timezone),
            ..self
        })
    }

    /// The names of all time zones of the IANA's database.
    pub(crate) fn timezones() -> impl Iterator<Item = &'static str> {
        timezone::names()
    }

    /// The name of the zone of the clocks that the times are read from, if it is not UTC.
    pub fn timezone(&self) -> Option<&'static str> {
        self.timezone.as_ref().map(Timezone::name)
    }

    /// The pattern as it was given.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The point in time that a text means, in milliseconds since 1970-01-01 UTC. Finer digits are cut off, and a leap
    /// second counts as the first second after it.
    pub fn parse_ms(&self, text: &str) -> Option<i64> {
        let quick = self
            .fixed_width
            .as_ref()
            .and_then(|parser| parser.read_time(text.as_bytes()));
        let time = quick.or_else(|| self.parse_time(text))?;
        let ms = time.and_utc().timestamp_millis();
        let in_years = |ms: &i64| YEARS_MS.contains(ms);
        let ms = Some(ms).filter(in_years)?;
        let utc_ms = self
            .timezone
            .as_ref()
            .map_or(ms, |timezone| timezone.utc_ms(ms));
        Some(utc_ms).filter(in_years)
    }

    /// The day that a text means, in days since 1970-01-01.
    pub fn parse_days(&self, text: &str) -> Option<i32> {
        let quick = self
            .fixed_width
            .as_ref()
            .and_then(|parser| parser.read_date(text.as_bytes()));
        let date = quick.or_else(|| self.parse(text)?.to_naive_date().ok())?;
        YEARS.contains(&date.year()).then(|| date.to_epoch_days())
    }

    /// Reports whether a text is a day, or a day and a time, written with all digits. A format that is not a row of
    /// numbers of fixed widths has no such texts.
    pub(crate) fn is_padded(&self, text: &str) -> bool {
        let parser = self.fixed_width.as_ref();
        parser.is_some_and(|parser| parser.reads(text.as_bytes()))
    }

    fn parse_time(&self, text: &str) -> Option<NaiveDateTime> {
        let parsed = self.parse(text)?;
        match parsed.offset() {
            Some(_) => Some(parsed.to_datetime().ok()?.naive_utc()),
            None => parsed.to_naive_datetime_with_offset(0).ok(),
        }
    }

    fn parse(&self, text: &str) -> Option<Parsed> {
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text, self.items.iter()).ok()?;
        Some(parsed)
    }

    /// The text of a point in time given in milliseconds since 1970-01-01 UTC, its fraction with three digits. `None`
    /// for years that no calendar reaches.
    pub fn format_ms(&self, ms: i64) -> Option<String> {
        let items = self.items.iter().map(|item| match item {
            Item::Fixed(Fixed::Nanosecond) => &Item::Fixed(Fixed::Nanosecond3),
            other => other,
        });
        let time = DateTime::from_timestamp_millis(ms)?;
        let mut text = String::new();
        match &self.timezone {
            Some(timezone) => write!(text, "{}", timezone.local(time).format_with_items(items)),
            None => write!(text, "{}", time.format_with_items(items)),
        }
        .ok()?;
        Some(text)
    }

    /// The text of a day given in days since 1970-01-01. `None` if the format asks for more than a day, or for years that
    /// no calendar reaches.
    pub fn format_days(&self, days: i32) -> Option<String> {
        let date = NaiveDate::from_epoch_days(days)?;
        let mut text = String::new();
        write!(text, "{}", date.format_with_items(self.items.iter())).ok()?;
        Some(text)
    }
}

impl Serialize for TimeFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(timezone) = self.timezone() else {
            return self.pattern.serialize(serializer);
        };
        // The decode id is a hash of this form: the names stay, so that the id does.
        let mut format = serializer.serialize_struct("TimeFormat", 2)?;
        format.serialize_field("pattern", &self.pattern)?;
        format.serialize_field("zone", timezone)?;
        format.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_milliseconds_and_cuts_off_finer_digits() {
        let format = TimeFormat::default_timestamp();
        assert_eq!(format.parse_ms("1970-01-01 00:00:00"), Some(0));
        assert_eq!(format.parse_ms("1970-01-01 00:00:00.5"), Some(500));
        assert_eq!(
            format.parse_ms("1970-01-01 00:00:01.234999999"),
            Some(1_234)
        );
        assert_eq!(
            format.parse_ms("1970-01-01 00:00:01.2349999999"),
            Some(1_234)
        );
        assert_eq!(format.parse_ms("1969-12-31 23:59:59.9999"), Some(-1));
        assert_eq!(
            format.parse_ms("2016-12-31 23:59:60"),
            format.parse_ms("2017-01-01 00:00:00")
        );
    }

    #[test]
    fn refuses_times_that_do_not_exist_or_are_written_otherwise() {
        let format = TimeFormat::default_timestamp();
        for text in [
            "",
            "2026-02-30 00:00:00",
            "2026-11-20 24:00:00",
            "2026-11-20T12:00:00",
            "2026-11-20 12:00:00Z",
            "2026-11-20 12:00:00 ",
            "2026-11-20 12:00:00.",
            "2026-11-20 12:00:00.1x",
            "2026-11-20",
            "0000-01-01 00:00:00",
            "+10000-01-01 00:00:00",
            "２０２６-11-20 12:00:00",
        ] {
            assert_eq!(format.parse_ms(text), None, "{text}");
        }
    }

    #[test]
    fn turns_a_time_with_an_offset_into_utc() {
        let format = TimeFormat::timestamp("%Y-%m-%dT%H:%M:%S%.f%z").unwrap();
        let utc = TimeFormat::default_timestamp();
        assert_eq!(
            format.parse_ms("2026-11-20T01:30:00.25+0200"),
            utc.parse_ms("2026-11-19 23:30:00.250")
        );
        assert_eq!(format.parse_ms("9999-12-31T23:30:00-0100"), None);
    }

    #[test]
    fn takes_only_formats_that_tell_one_point_in_time() {
        for pattern in [
            "%d/%m/%Y %H:%M",
            "%m/%d/%Y %I:%M:%S %p",
            "%s",
            "%+",
            "%Y-%j %T",
        ] {
            assert!(TimeFormat::timestamp(pattern).is_ok(), "{pattern}");
        }
        assert_eq!(TimeFormat::timestamp("%Q"), Err(InvalidFormat::Syntax));
        for pattern in ["", "%Y-%m-%d", "%H:%M:%S", "%Y-%m-%d %I:%M", "now"] {
            assert_eq!(
                TimeFormat::timestamp(pattern),
                Err(InvalidFormat::NoTimestamp),
                "{pattern}"
            );
        }
        assert_eq!(TimeFormat::date("%Y-%m"), Err(InvalidFormat::NoDate));
        assert_eq!(
            TimeFormat::date("%Y-%m-%d %H"),
            Err(InvalidFormat::TimeInDate)
        );
        assert_eq!(
            TimeFormat::date("%d.%m.%Y")
                .unwrap()
                .parse_days("02.01.1970"),
            Some(1)
        );
    }

    proptest! {
        #[test]
        fn reads_what_it_wrote(ms in -62_135_596_800_000_i64..253_402_300_800_000) {
            let format = TimeFormat::default_timestamp();
            prop_assert_eq!(format.parse_ms(&format.format_ms(ms).unwrap()), Some(ms));
        }
    }
}
