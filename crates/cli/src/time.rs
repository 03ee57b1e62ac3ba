//! Times and spans of time for people. All times are in UTC.

use chrono::{DateTime, Utc};

/// A time given in milliseconds since 1970, as `2026-11-21 07:15:02 UTC`.
pub fn moment(time_ms: i64) -> String {
    let time = DateTime::<Utc>::from_timestamp_millis(time_ms).unwrap_or_default();
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A span given in milliseconds, in its two largest units: `350 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`.
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
    fn a_moment_is_in_utc() {
        assert_eq!(moment(1_795_245_302_999), "2026-11-21 07:15:02 UTC");
    }
}
