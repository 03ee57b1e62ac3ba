//! Local times of a zone become UTC, also where clocks are set.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, MappedLocalTime, Offset, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;
use twinlake_pipeline::{DEFAULT_TIMESTAMP_FORMAT, InvalidFormat, TimeFormat};

const HOUR_MS: i64 = 3_600_000;

fn in_zone(zone: &str) -> TimeFormat {
    TimeFormat::default_timestamp().in_timezone(zone).unwrap()
}

/// The UTC time of a local one, to the second.
fn utc(zone: &str, local: &str) -> String {
    let utc = TimeFormat::timestamp("%Y-%m-%d %H:%M:%S").unwrap();
    utc.format_ms(in_zone(zone).parse_ms(local).unwrap())
        .unwrap()
}

/// As Python's `zoneinfo` (`fold=0`) and Java's `LocalDateTime.atZone` read them.
#[test]
fn times_are_read_as_other_programs_read_them() {
    for (zone, local, expected) in [
        (
            "America/Chicago",
            "2018-01-01 00:00:00",
            "2018-01-01 06:00:00",
        ),
        (
            "America/Chicago",
            "2018-07-01 00:00:00",
            "2018-07-01 05:00:00",
        ),
        // Set forward from 02:00 to 03:00.
        (
            "America/Chicago",
            "2018-03-11 01:59:59",
            "2018-03-11 07:59:59",
        ),
        (
            "America/Chicago",
            "2018-03-11 02:00:00",
            "2018-03-11 08:00:00",
        ),
        (
            "America/Chicago",
            "2018-03-11 02:30:00",
            "2018-03-11 08:30:00",
        ),
        (
            "America/Chicago",
            "2018-03-11 02:59:59",
            "2018-03-11 08:59:59",
        ),
        (
            "America/Chicago",
            "2018-03-11 03:00:00",
            "2018-03-11 08:00:00",
        ),
        // Set back from 02:00 to 01:00.
        (
            "America/Chicago",
            "2018-11-04 00:59:59",
            "2018-11-04 05:59:59",
        ),
        (
            "America/Chicago",
            "2018-11-04 01:00:00",
            "2018-11-04 06:00:00",
        ),
        (
            "America/Chicago",
            "2018-11-04 01:59:59",
            "2018-11-04 06:59:59",
        ),
        (
            "America/Chicago",
            "2018-11-04 02:00:00",
            "2018-11-04 08:00:00",
        ),
        (
            "Europe/Berlin",
            "2018-03-25 02:30:00",
            "2018-03-25 01:30:00",
        ),
        (
            "Europe/Berlin",
            "2018-10-28 02:30:00",
            "2018-10-28 00:30:00",
        ),
        ("Asia/Kolkata", "2018-06-01 00:00:00", "2018-05-31 18:30:00"),
        (
            "Asia/Kathmandu",
            "2018-06-01 00:00:00",
            "2018-05-31 18:15:00",
        ),
        // Half an hour, forward from 02:00 and back at 02:00.
        (
            "Australia/Lord_Howe",
            "2018-10-07 02:15:00",
            "2018-10-06 15:45:00",
        ),
        (
            "Australia/Lord_Howe",
            "2018-04-01 01:45:00",
            "2018-03-31 14:45:00",
        ),
        // A whole day that never was.
        ("Pacific/Apia", "2011-12-29 23:59:59", "2011-12-30 09:59:59"),
        ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 22:00:00"),
        ("Pacific/Apia", "2011-12-31 00:00:00", "2011-12-30 10:00:00"),
        ("UTC", "2018-03-11 02:30:00", "2018-03-11 02:30:00"),
    ] {
        assert_eq!(utc(zone, local), expected, "{local} in {zone}");
    }
}

#[test]
fn zone_does_not_depend_on_how_a_time_is_written() {
    let padded = TimeFormat::timestamp("%m/%d/%Y %I:%M:%S %p")
        .unwrap()
        .in_timezone("America/Chicago")
        .unwrap();
    let words = TimeFormat::timestamp("%d %B %Y %H:%M")
        .unwrap()
        .in_timezone("America/Chicago")
        .unwrap();
    let expected = in_zone("America/Chicago").parse_ms("2018-03-11 02:30:00");
    assert_eq!(padded.parse_ms("03/11/2018 02:30:00 AM"), expected);
    assert_eq!(padded.parse_ms("3/11/2018 2:30:00 AM"), expected);
    assert_eq!(words.parse_ms("11 March 2018 02:30"), expected);
}

#[test]
fn years_beyond_four_digits_are_refused_in_utc() {
    let east = in_zone("Asia/Tokyo");
    let west = in_zone("America/Chicago");
    assert_eq!(east.parse_ms("0001-01-01 00:00:00"), None);
    assert!(east.parse_ms("9999-12-31 23:59:59").is_some());
    assert_eq!(west.parse_ms("9999-12-31 23:59:59"), None);
    assert_eq!(west.parse_ms("+262142-12-31 23:59:59"), None);
    assert_eq!(east.parse_ms("-262143-01-01 00:00:00"), None);
}

#[test]
fn formats_with_an_offset_take_no_zone() {
    for pattern in ["%Y-%m-%d %H:%M:%S%z", "%s", "%+", "%Y-%m-%dT%H:%M:%S%:z"] {
        assert_eq!(
            TimeFormat::timestamp(pattern).unwrap().in_timezone("UTC"),
            Err(InvalidFormat::TimezoneBesideOffset),
            "{pattern}"
        );
    }
    for zone in ["", "Chicago", "america/chicago", "+01:00"] {
        assert_eq!(
            TimeFormat::default_timestamp().in_timezone(zone),
            Err(InvalidFormat::UnknownTimezone),
            "{zone}"
        );
    }
    let format = in_zone("America/Chicago");
    assert_eq!(
        (format.timezone(), format.pattern()),
        (Some("America/Chicago"), DEFAULT_TIMESTAMP_FORMAT)
    );
}

fn any_zone() -> impl Strategy<Value = Tz> {
    let some = [
        "America/Chicago",
        "Europe/London",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Gaza",
        "America/Sao_Paulo",
    ];
    let some = prop::sample::select(some.to_vec()).prop_map(|name| name.parse().unwrap());
    prop_oneof![some, prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec())]
}

/// Hours near each other, as events' are, of any year between 1900 and 2100.
fn any_times() -> impl Strategy<Value = Vec<i64>> {
    let near = prop::collection::vec(-40 * HOUR_MS..40 * HOUR_MS, 1..20);
    (-2_208_988_800_000..4_102_444_800_000_i64, near)
        .prop_map(|(base, near)| near.into_iter().map(|distance| base + distance).collect())
}

/// The answer of `chrono-tz` for one time without any memory of another, in milliseconds.
fn looked_up(zone: Tz, local_ms: i64) -> Option<i64> {
    let local = DateTime::from_timestamp_millis(local_ms)
        .unwrap()
        .naive_utc();
    let offset = match zone.offset_from_local_datetime(&local) {
        MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset,
        MappedLocalTime::None => return None,
    };
    Some(local_ms - i64::from(offset.fix().local_minus_utc()) * 1_000)
}

proptest! {
    #[test]
    fn times_in_any_order_are_those_looked_up_one_by_one(zone in any_zone(), times in any_times()) {
        let (format, utc) = (in_zone(zone.name()), TimeFormat::default_timestamp());
        for local_ms in times {
            let found = format.parse_ms(&utc.format_ms(local_ms).unwrap()).unwrap();
            match looked_up(zone, local_ms) {
                Some(expected) => prop_assert_eq!(found, expected),
                // Skipped: clocks never show it, and go on from before the gap to behind it.
                None => {
                    let shown = utc.parse_ms(&format.format_ms(found).unwrap()).unwrap();
                    prop_assert!(local_ms < shown && shown - local_ms <= 24 * HOUR_MS);
                }
            }
        }
    }

    #[test]
    fn what_clocks_show_is_read_back_but_for_the_second_of_two(zone in any_zone(), times in any_times()) {
        let format = in_zone(zone.name());
        for utc_ms in times {
            let shown = format.format_ms(utc_ms).unwrap();
            let found = format.parse_ms(&shown).unwrap();
            prop_assert!(found <= utc_ms);
            prop_assert_eq!(format.format_ms(found), Some(shown));
        }
    }
}
