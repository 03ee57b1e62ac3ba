//! Times and spans of time as people read and write them; all times are UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// `2026-11-21 07:15:02 UTC`, of milliseconds since 1970.
pub fn moment(time_ms: i64) -> String {
    let time = DateTime::<Utc>::from_timestamp_millis(time_ms).unwrap_or_default();
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A span of milliseconds by its two largest units: `350 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`.
pub fn span(span_ms: i64) -> String {
    let seconds = span_ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |large: i64, unit: &str, small: i64, part: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {part}"),
    };
    match (days, hours, minutes, seconds) {
        (0, 0, 0, 0) => format!("{span_ms} ms"),
        (0, 0, 0, _) => format!("{seconds} s"),
        (0, 0, _, _) => two(minutes, "min", seconds % 60, "s"),
        (0, _, _, _) => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

/// Milliseconds since 1970 of a time as RFC 3339 writes it, or `2026-11-21 07:15:02.123` or `2026-11-21` in UTC.
///
/// # Errors
/// A message that names the forms.
pub fn parse(text: &str) -> Result<i64, String> {
    let with_zone = DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_millis());
    let utc = || {
        let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
        time.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
    };
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").map(NaiveDateTime::from);
    with_zone
        .or_else(|_| utc().or_else(|_| day()).map(|time| time.and_utc().timestamp_millis()))
        .map_err(|_| {
            "write a time as `2026-11-21T07:15:02Z`, `2026-11-21 07:15:02.123` or `2026-11-21` (UTC)".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_name_their_two_largest_units() {
        let spans = [
            0,
            999,
            12_345,
            200_000,
            180_000,
            7_500_000,
            7_200_000,
            349_200_000,
        ];
        assert_eq!(
            spans.map(span),
            [
                "0 ms",
                "999 ms",
                "12 s",
                "3 min 20 s",
                "3 min",
                "2 h 5 min",
                "2 h",
                "4 d 1 h"
            ]
        );
    }

    #[test]
    fn times_are_read_in_every_form_that_is_offered() {
        let expected = 1_795_245_302_000;
        assert_eq!(moment(expected), "2026-11-21 07:15:02 UTC");
        for text in [
            "2026-11-21T07:15:02Z",
            "2026-11-21T08:15:02+01:00",
            "2026-11-21 07:15:02.000",
            "2026-11-21T07:15:02",
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        assert_eq!(parse("1970-01-02"), Ok(86_400_000));
        assert!(parse("yesterday").unwrap_err().contains("2026-11-21"));
    }
}
