//! How timestamps and dates are written.

use std::fmt::Write;

use chrono::format::{Fixed, Item, Parsed, StrftimeItems};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};
use serde::{Serialize, Serializer};

/// The format of timestamps unless a column says otherwise.
pub const DEFAULT_TIMESTAMP_FORMAT: &str = "%Y-%m-%d %H:%M:%S%.f";

/// The format of dates unless a column says otherwise.
pub const DEFAULT_DATE_FORMAT: &str = "%Y-%m-%d";

/// Years that Arrow, Parquet, Hive and Athena all write with four digits.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// 2009-02-13 23:31:00.000 UTC, a time that formats are tried with: without fractions, which a format may leave out.
const SAMPLE_MS: i64 = 1_234_567_860_000;

/// 2009-02-13.
const SAMPLE_DAYS: i32 = 14_288;

/// A format of timestamps or dates in the notation of `strftime`, as the crate `chrono` defines it.
///
/// A time without an offset is UTC; with one (`%z`) it is turned into UTC. Years lie between 0001 and 9999.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeFormat {
    pattern: String,
    items: Vec<Item<'static>>,
}

/// Why a format cannot be used.
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
            items,
        })
    }

    /// The pattern as it was given.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The point in time that a text means, in milliseconds since 1970-01-01 UTC; finer digits are cut off.
    /// A leap second counts as the first second after it.
    pub fn parse_ms(&self, text: &str) -> Option<i64> {
        if self.pattern == DEFAULT_TIMESTAMP_FORMAT
            && let Some(ms) = parse_padded_ms(text.as_bytes())
        {
            return Some(ms);
        }
        let parsed = self.parse(text)?;
        let time = match parsed.offset() {
            Some(_) => parsed.to_datetime().ok()?.naive_utc(),
            None => parsed.to_naive_datetime_with_offset(0).ok()?,
        };
        YEARS
            .contains(&time.year())
            .then(|| time.and_utc().timestamp_millis())
    }

    /// The day that a text means, in days since 1970-01-01.
    pub fn parse_days(&self, text: &str) -> Option<i32> {
        let date = self.parse(text)?.to_naive_date().ok()?;
        YEARS.contains(&date.year()).then(|| date.to_epoch_days())
    }

    fn parse(&self, text: &str) -> Option<Parsed> {
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text, self.items.iter()).ok()?;
        Some(parsed)
    }

    /// Writes a point in time given in milliseconds since 1970-01-01 UTC, its fraction with three digits.
    /// Nothing comes out for years that no calendar reaches.
    pub fn format_ms(&self, ms: i64) -> Option<String> {
        let items = self.items.iter().map(|item| match item {
            Item::Fixed(Fixed::Nanosecond) => &Item::Fixed(Fixed::Nanosecond3),
            other => other,
        });
        let time = DateTime::from_timestamp_millis(ms)?;
        let mut text = String::new();
        write!(text, "{}", time.format_with_items(items)).ok()?;
        Some(text)
    }

    /// Writes a day given in days since 1970-01-01.
    /// Nothing comes out if the format asks for more than a day, or for years that no calendar reaches.
    pub fn format_days(&self, days: i32) -> Option<String> {
        let date = NaiveDate::from_epoch_days(days)?;
        let mut text = String::new();
        write!(text, "{}", date.format_with_items(self.items.iter())).ok()?;
        Some(text)
    }
}

impl Serialize for TimeFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.pattern.serialize(serializer)
    }
}

/// Reads `YYYY-MM-DD HH:MM:SS` with or without a fraction of up to nine digits: what nearly every text in the
/// default format looks like, at a tenth of the general parser's cost. `None` does not mean that the text is wrong.
pub(crate) fn parse_padded_ms(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, fraction) = rest.split_at_checked(9)?;
    let [b' ', h1, h0, b':', m1, m0, b':', s1, s0] = *time else {
        return None;
    };
    let date = parse_padded_date(date)?;
    let time = NaiveTime::from_hms_milli_opt(
        number([h1, h0])?,
        number([m1, m0])?,
        number([s1, s0])?,
        parse_fraction_ms(fraction)?,
    )?;
    Some(date.and_time(time).and_utc().timestamp_millis())
}

/// Reads `YYYY-MM-DD`.
pub(crate) fn parse_padded_date(text: &[u8]) -> Option<NaiveDate> {
    let [y3, y2, y1, y0, b'-', m1, m0, b'-', d1, d0] = *text else {
        return None;
    };
    let year = i32::try_from(number([y3, y2, y1, y0])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number([m1, m0])?, number([d1, d0])?)?;
    YEARS.contains(&year).then_some(date)
}

/// Reads nothing, or a point and one to nine digits, as whole milliseconds.
fn parse_fraction_ms(text: &[u8]) -> Option<u32> {
    let digits = match text {
        [] => return Some(0),
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => digits,
        _ => return None,
    };
    number(digits.iter().copied())?; // All of them must be digits, also those that are cut off.
    number(digits.iter().copied().chain([b'0', b'0']).take(3))
}

fn number(digits: impl IntoIterator<Item = u8>) -> Option<u32> {
    digits.into_iter().try_fold(0, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u32::from(digit - b'0'))
    })
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

        #[test]
        fn the_quick_parser_agrees_with_the_general_one(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?"
        ) {
            let with_general_parser_only = TimeFormat { pattern: String::new(), ..TimeFormat::default_timestamp() };
            if let Some(ms) = parse_padded_ms(text.as_bytes()) {
                prop_assert_eq!(with_general_parser_only.parse_ms(&text), Some(ms));
            }
            prop_assert_eq!(TimeFormat::default_timestamp().parse_ms(&text), with_general_parser_only.parse_ms(&text));
        }
    }
}
