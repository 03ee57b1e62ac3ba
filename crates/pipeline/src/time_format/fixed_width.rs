//! Reads times whose numbers all have a fixed width, as programs write them.

use chrono::format::{Fixed, Item, Numeric};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// A format as steps of fixed width, except for a fraction of a second. It reads a text like `chrono`'s own parser or not
/// at all: a text that it does not read need not be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FixedWidthParser {
    steps: Box<[Step]>,
    /// Set if the steps tell a time of the day.
    tells_time: bool,
}

/// A step through a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A byte of the format itself.
    Byte(u8),
    /// A number with all its digits.
    Number(Part),
    /// AM or PM, in any case.
    HalfDay,
    /// Nothing, or a point and one to nine digits.
    Fraction,
}

/// A number that is a part of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
    Hour,
    Hour12,
    Minute,
    Second,
}

/// The parts of a time that have been read.
#[derive(Default)]
struct Parts {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    millisecond: u32,
}

impl FixedWidthParser {
    /// The parser of a format that is a date, or a date and a time of the day, in numbers that each come once. Other
    /// formats have none.
    pub(super) fn new(items: &[Item<'_>]) -> Option<Self> {
        let mut steps = Vec::new();
        for item in items {
            match item {
                Item::Literal(text) | Item::Space(text) => {
                    steps.extend(text.bytes().map(Step::Byte))
                }
                Item::OwnedLiteral(text) | Item::OwnedSpace(text) => {
                    steps.extend(text.bytes().map(Step::Byte));
                }
                other => steps.push(Step::new(other)?),
            }
        }
        let count = |step| steps.iter().filter(|other| **other == step).count();
        let number = |part| count(Step::Number(part));
        let date = [number(Part::Year), number(Part::Month), number(Part::Day)];
        let hour = [
            number(Part::Hour),
            number(Part::Hour12),
            count(Step::HalfDay),
        ];
        let rest = [
            number(Part::Minute),
            number(Part::Second),
            count(Step::Fraction),
        ];
        let is_hour = matches!(hour, [1, 0, 0] | [0, 1, 1]);
        let is_time = is_hour && matches!(rest, [1, 0 | 1, 0] | [1, 1, 1]);
        let is_no_time = hour == [0; 3] && rest == [0; 3];
        (date == [1; 3] && (is_time || is_no_time)).then(|| Self {
            steps: steps.into(),
            tells_time: is_time,
        })
    }

    /// Reads a day.
    pub(super) fn read_date(&self, text: &[u8]) -> Option<NaiveDate> {
        let mut parts = Parts::default();
        self.read(text, &mut parts)?;
        parts.date()
    }

    /// Reads a day and a time of the day. A format that tells only the day reads none.
    pub(super) fn read_time(&self, text: &[u8]) -> Option<NaiveDateTime> {
        if !self.tells_time {
            return None;
        }
        let mut parts = Parts::default();
        self.read(text, &mut parts)?;
        Some(parts.date()?.and_time(parts.time()?))
    }

    /// Reports whether it reads a text, with all that the format tells.
    pub(super) fn reads(&self, text: &[u8]) -> bool {
        if self.tells_time {
            self.read_time(text).is_some()
        } else {
            self.read_date(text).is_some()
        }
    }

    fn read(&self, text: &[u8], parts: &mut Parts) -> Option<()> {
        let mut rest = text;
        for step in &self.steps {
            rest = step.read(rest, parts)?;
        }
        rest.is_empty().then_some(())
    }
}

impl Step {
    fn new(item: &Item<'_>) -> Option<Self> {
        Some(match item {
            Item::Numeric(Numeric::Year, _) => Self::Number(Part::Year),
            Item::Numeric(Numeric::Month, _) => Self::Number(Part::Month),
            Item::Numeric(Numeric::Day, _) => Self::Number(Part::Day),
            Item::Numeric(Numeric::Hour, _) => Self::Number(Part::Hour),
            Item::Numeric(Numeric::Hour12, _) => Self::Number(Part::Hour12),
            Item::Numeric(Numeric::Minute, _) => Self::Number(Part::Minute),
            Item::Numeric(Numeric::Second, _) => Self::Number(Part::Second),
            Item::Fixed(Fixed::LowerAmPm | Fixed::UpperAmPm) => Self::HalfDay,
            Item::Fixed(Fixed::Nanosecond) => Self::Fraction,
            _ => return None,
        })
    }

    /// Takes the step from the beginning of a text and leaves the rest.
    fn read<'t>(&self, text: &'t [u8], parts: &mut Parts) -> Option<&'t [u8]> {
        match self {
            Self::Byte(expected) => match text {
                [found, rest @ ..] if found == expected => Some(rest),
                _ => None,
            },
            Self::Number(Part::Year) => {
                let (digits, rest) = text.split_first_chunk::<4>()?;
                parts.year = number(digits)?;
                Some(rest)
            }
            Self::Number(part) => {
                let (digits, rest) = text.split_first_chunk::<2>()?;
                parts.set(*part, number(digits)?)?;
                Some(rest)
            }
            Self::HalfDay => {
                let (letters, rest) = text.split_first_chunk::<2>()?;
                match letters.map(|letter| letter.to_ascii_lowercase()) {
                    [b'a', b'm'] => {}
                    [b'p', b'm'] => parts.hour += 12,
                    _ => return None,
                }
                Some(rest)
            }
            Self::Fraction => {
                let Some(fraction) = text.strip_prefix(b".") else {
                    return Some(text);
                };
                let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
                let (digits, rest) = fraction.split_at(digits.count());
                parts.millisecond = milliseconds(digits)?;
                Some(rest)
            }
        }
    }
}

impl Parts {
    fn set(&mut self, part: Part, value: u32) -> Option<()> {
        match part {
            Part::Year => self.year = value,
            Part::Month => self.month = value,
            Part::Day => self.day = value,
            // `+=`: it may come after the half of the day.
            Part::Hour => self.hour += value,
            Part::Hour12 if (1..=12).contains(&value) => self.hour += value % 12,
            Part::Hour12 => return None,
            Part::Minute => self.minute = value,
            Part::Second => self.second = value,
        }
        Some(())
    }

    fn date(&self) -> Option<NaiveDate> {
        let year = i32::try_from(self.year).ok()?;
        NaiveDate::from_ymd_opt(year, self.month, self.day)
    }

    fn time(&self) -> Option<NaiveTime> {
        NaiveTime::from_hms_milli_opt(self.hour, self.minute, self.second, self.millisecond)
    }
}

/// Up to nine digits of a fraction as whole milliseconds; finer ones are cut off.
fn milliseconds(digits: &[u8]) -> Option<u32> {
    match *digits {
        [tenths] => number(&[tenths, b'0', b'0']),
        [tenths, hundredths] => number(&[tenths, hundredths, b'0']),
        [tenths, hundredths, thousandths, ..] if digits.len() <= 9 => {
            number(&[tenths, hundredths, thousandths])
        }
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::TimeFormat;

    const PADDED: [&str; 8] = [
        "%Y-%m-%d %H:%M:%S%.f",
        "%m/%d/%Y %I:%M:%S %p",
        "%d.%m.%Y %H:%M",
        "%Y%m%d%H%M%S",
        "%P%I:%M %d %m %Y",
        "%Y-%m-%dT%H:%M:%S%.fZ",
        "%-d/%-m/%Y  %k:%M",
        "%D, %R",
    ];

    /// The same format without its quick reader.
    fn general(format: &TimeFormat) -> TimeFormat {
        TimeFormat {
            fixed_width: None,
            ..format.clone()
        }
    }

    /// A text in the format of the time, or nearly so: some characters are others.
    fn nearly(format: &TimeFormat, ms: i64, changes: &[(prop::sample::Index, char)]) -> String {
        let text = format.format_ms(ms).unwrap();
        let mut characters: Vec<_> = text.chars().collect();
        for (at, other) in changes {
            let at = at.index(characters.len());
            characters[at] = *other;
        }
        characters.into_iter().collect()
    }

    #[test]
    fn reads_what_programs_write() {
        for pattern in &PADDED[..6] {
            let format = TimeFormat::timestamp(pattern).unwrap();
            let text = format.format_ms(1_540_000_020_000).unwrap();
            let found = format
                .fixed_width
                .as_ref()
                .unwrap()
                .read_time(text.as_bytes());
            assert_eq!(
                found.unwrap().and_utc().timestamp(),
                1_540_000_020,
                "{text}"
            );
        }
        for pattern in [
            "%d %B %Y %H:%M",
            "%Y-%m-%d %H:%M %p",
            "%Y-%m-%d %H:%M:%S%z",
            "%s",
            "%Y-%j %T",
        ] {
            let format = TimeFormat::timestamp(pattern).unwrap();
            assert_eq!(format.fixed_width, None, "{pattern}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn agrees_with_the_general_parser(
            pattern in prop::sample::select(PADDED.to_vec()),
            ms in -62_135_596_800_000_i64..253_402_300_800_000,
            changes in prop::collection::vec((any::<prop::sample::Index>(), "[0-9 :/.apmAPM+é-]"), 0..4),
        ) {
            let format = TimeFormat::timestamp(pattern).unwrap();
            let changes: Vec<_> = changes.iter().map(|(at, other)| (*at, other.chars().next().unwrap())).collect();
            let text = nearly(&format, ms, &changes);
            prop_assert_eq!(format.parse_ms(&text), general(&format).parse_ms(&text), "{}", text);
        }

        #[test]
        fn agrees_with_the_general_parser_on_numbers(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?"
        ) {
            let format = TimeFormat::default_timestamp();
            prop_assert_eq!(format.parse_ms(&text), general(&format).parse_ms(&text));
        }

        #[test]
        fn agrees_on_days(pattern in prop::sample::select(vec!["%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d"]), text in "[0-9]{1,4}[-/.]?[0-9]{1,2}[-/.]?[0-9]{1,4}") {
            let format = TimeFormat::date(pattern).unwrap();
            prop_assert_eq!(format.parse_days(&text), general(&format).parse_days(&text));
        }
    }
}
