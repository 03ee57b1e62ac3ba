//! The rules of a column.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::ops::RangeInclusive;

use super::document::ColumnEntry;
use super::yaml::{Located, Pairs, Scalar, did_you_mean, similar, wrong_at};
use crate::diagnostic::{Diagnostics, Mistake};
use crate::model::column::{
    BooleanTexts, Case, ColumnType, DoubleRules, IntegerRules, Rules, StringRules,
};
use crate::model::format::Format;
use crate::rows::typing::clean;
use crate::time_format::{InvalidFormat, TimeFormat};

/// The rules of a type.
pub(super) fn rules_of(column_type: ColumnType) -> &'static [&'static str] {
    match column_type {
        ColumnType::String => &[
            "trim",
            "lower",
            "upper",
            "map",
            "empty_as_null",
            "max_length",
            "one_of",
        ],
        ColumnType::Int | ColumnType::BigInt => &["min", "max", "one_of"],
        ColumnType::Double => &["min", "max"],
        ColumnType::Boolean => &["true_values", "false_values"],
        ColumnType::Timestamp => &["format", "timezone"],
        ColumnType::Date => &["format"],
    }
}

/// The whole numbers of a type.
pub(super) fn integers_of(column_type: ColumnType) -> RangeInclusive<i64> {
    match column_type {
        ColumnType::Int => i32::MIN.into()..=i32::MAX.into(),
        _ => i64::MIN..=i64::MAX,
    }
}

/// Reads the rules of a column of this type; `None` if it cannot be typed without them.
pub(super) fn read(
    entry: &ColumnEntry,
    column_type: ColumnType,
    format: Option<&Format>,
    diagnostics: &mut Diagnostics,
) -> Option<Rules> {
    refuse_other_rules(entry, column_type, diagnostics);
    match column_type {
        ColumnType::String => {
            let empty_as_null = matches!(format, Some(Format::Csv(_)));
            let rules = read_string(entry, empty_as_null, diagnostics);
            Some(Rules::String(rules))
        }
        ColumnType::Int | ColumnType::BigInt => {
            let rules = read_integer(entry, integers_of(column_type), diagnostics);
            Some(Rules::Integer(rules))
        }
        ColumnType::Double => Some(Rules::Double(read_double(entry, diagnostics))),
        ColumnType::Boolean => Some(read_boolean(entry, diagnostics)),
        ColumnType::Timestamp => read_timestamp(entry, diagnostics).map(Rules::Time),
        ColumnType::Date => read_date(entry, diagnostics).map(Rules::Time),
    }
}

fn refuse_other_rules(entry: &ColumnEntry, column_type: ColumnType, diagnostics: &mut Diagnostics) {
    let (name, allowed) = (column_type.name(), rules_of(column_type));
    for (rule, span) in entry.rules_given() {
        if !allowed.contains(&rule) {
            let mistake = Mistake::new(format!("rule `{rule}` does not apply to type `{name}`"))
                .help(match allowed {
                    [only] => format!("the only rule of `{name}` is {only}"),
                    _ => format!("the rules of `{name}` are {}", allowed.join(", ")),
                });
            diagnostics.push(wrong_at(span, mistake));
        }
    }
}

/// Reads the values that a rule lists, one at least.
fn read_set<T: Ord>(
    rule: &str,
    list: Option<&Located<Vec<Scalar>>>,
    diagnostics: &mut Diagnostics,
    read: impl Fn(&Scalar) -> Result<T, Mistake>,
) -> Option<BTreeSet<T>> {
    let list = list?;
    if list.value.is_empty() {
        diagnostics.push(list.wrong(format!("`{rule}` lists no value")));
    }
    match list.value.iter().map(read).collect() {
        Ok(values) => Some(values),
        Err(mistake) => {
            diagnostics.push(list.wrong(mistake.about(format_args!("`{rule}`"))));
            None
        }
    }
}

fn read_text(value: &Scalar) -> Result<String, Mistake> {
    match value {
        Scalar::Text(text) => Ok(text.clone()),
        other => Err(Mistake::new(format!("{other} is not a string"))
            .help(format!("write it in quotes: \"{other}\""))),
    }
}

/// Reads the rules of a string. `empty_as_null` is the default of the rule of that name.
fn read_string(
    entry: &ColumnEntry,
    empty_as_null: bool,
    diagnostics: &mut Diagnostics,
) -> StringRules {
    let rules = StringRules {
        trim: is_set(&entry.trim),
        case: read_case(entry, diagnostics),
        map: BTreeMap::new(),
        empty_as_null: entry
            .empty_as_null
            .as_ref()
            .map_or(empty_as_null, |flag| flag.value),
        max_length: read_length(entry.max_length.as_ref(), diagnostics),
        one_of: read_set("one_of", entry.one_of.as_ref(), diagnostics, read_text),
    };
    let map = entry
        .map
        .as_ref()
        .map(|map| read_map(map, &rules, diagnostics));
    StringRules {
        map: map.unwrap_or_default(),
        ..rules
    }
}

fn is_set(flag: &Option<Located<bool>>) -> bool {
    flag.as_ref().is_some_and(|flag| flag.value)
}

fn read_case(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Option<Case> {
    let both = is_set(&entry.lower) && is_set(&entry.upper);
    if let Some(upper) = entry.upper.as_ref().filter(|_| both) {
        diagnostics.push(upper.wrong("`lower` and `upper` exclude each other"));
    }
    match (is_set(&entry.lower), is_set(&entry.upper)) {
        (true, _) => Some(Case::Lower),
        (_, true) => Some(Case::Upper),
        _ => None,
    }
}

fn read_length(given: Option<&Located<Scalar>>, diagnostics: &mut Diagnostics) -> Option<usize> {
    let given = given?;
    let length = match given.value {
        Scalar::Integer(length @ 1..) => usize::try_from(length).ok(),
        _ => None,
    };
    if length.is_none() {
        diagnostics.push(given.wrong(format!(
            "`max_length` must be a whole number of 1 or more, not {}",
            given.value
        )));
    }
    length
}

/// Reads the texts that are replaced. `rules` are applied to a text before it is looked up.
fn read_map(
    given: &Located<Pairs<Scalar, Scalar>>,
    rules: &StringRules,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, String> {
    let Pairs(pairs) = &given.value;
    if pairs.is_empty() {
        diagnostics.push(given.wrong("`map` lists no value"));
    }
    let read = pairs.iter().map(|(from, to)| {
        let (from, to) = (read_text(from)?, read_text(to)?);
        let looked_up = clean(rules, &from);
        if looked_up != from {
            let message = format!("{from:?} never occurs");
            let help = format!("after `trim` and case it is {looked_up:?}");
            return Err(Mistake::new(message).help(help));
        }
        Ok((from, to))
    });
    read.collect::<Result<_, Mistake>>()
        .unwrap_or_else(|mistake| {
            diagnostics.push(given.wrong(mistake.about("`map`")));
            BTreeMap::new()
        })
}

fn read_integer(
    entry: &ColumnEntry,
    range: RangeInclusive<i64>,
    diagnostics: &mut Diagnostics,
) -> IntegerRules {
    let read = |value: &Scalar| match value {
        Scalar::Integer(value) if range.contains(value) => Ok(*value),
        Scalar::Integer(value) => {
            let (min, max) = (range.start(), range.end());
            Err(format!("{value} is beyond the type's range, {min} to {max}").into())
        }
        other => Err(format!("{other} is not a whole number").into()),
    };
    let min = read_bound("min", entry.min.as_ref(), diagnostics, read);
    let max = read_bound("max", entry.max.as_ref(), diagnostics, read);
    check_order(entry, min, max, diagnostics);
    IntegerRules {
        min,
        max,
        one_of: read_set("one_of", entry.one_of.as_ref(), diagnostics, read),
    }
}

fn read_double(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> DoubleRules {
    let read = |value: &Scalar| match value {
        Scalar::Integer(value) => Ok(*value as f64),
        Scalar::Float(value) if value.is_finite() => Ok(*value),
        other => Err(format!("{other} is not a finite number").into()),
    };
    let min = read_bound("min", entry.min.as_ref(), diagnostics, read);
    let max = read_bound("max", entry.max.as_ref(), diagnostics, read);
    check_order(entry, min, max, diagnostics);
    DoubleRules { min, max }
}

fn read_bound<T>(
    rule: &str,
    bound: Option<&Located<Scalar>>,
    diagnostics: &mut Diagnostics,
    read: impl Fn(&Scalar) -> Result<T, Mistake>,
) -> Option<T> {
    let bound = bound?;
    match read(&bound.value) {
        Ok(value) => Some(value),
        Err(mistake) => {
            diagnostics.push(bound.wrong(mistake.about(format_args!("`{rule}`"))));
            None
        }
    }
}

fn check_order<T: PartialOrd + Debug>(
    entry: &ColumnEntry,
    min: Option<T>,
    max: Option<T>,
    diagnostics: &mut Diagnostics,
) {
    if let (Some(written), Some(min), Some(max)) = (&entry.min, min, max)
        && min > max
    {
        let message = format!("`min` {min:?} is greater than `max` {max:?}");
        diagnostics.push(written.wrong(message));
    }
}

/// Reads the texts of true and of false. The default of each is the word itself.
fn read_boolean(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Rules {
    let Some(given) = entry.true_values.as_ref().or(entry.false_values.as_ref()) else {
        return Rules::Boolean;
    };
    let (yes, no) = (entry.true_values.as_ref(), entry.false_values.as_ref());
    let true_values = read_boolean_texts("true_values", yes, "true", diagnostics);
    let false_values = read_boolean_texts("false_values", no, "false", diagnostics);
    if let Some(both) = true_values.intersection(&false_values).next() {
        diagnostics.push(given.wrong(format!("{both:?} would mean both true and false")));
    }
    Rules::BooleanTexts(BooleanTexts {
        true_values,
        false_values,
    })
}

fn read_boolean_texts(
    rule: &str,
    given: Option<&Located<Vec<Scalar>>>,
    default: &str,
    diagnostics: &mut Diagnostics,
) -> BTreeSet<String> {
    let read = |value: &Scalar| {
        let text = read_text(value)?.trim().to_ascii_lowercase();
        if text.is_empty() {
            return Err("a blank text is no value".into());
        }
        Ok(text)
    };
    read_set(rule, given, diagnostics, read).unwrap_or_else(|| BTreeSet::from([default.to_owned()]))
}

fn read_timestamp(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Option<TimeFormat> {
    let (default, read) = (TimeFormat::default_timestamp, TimeFormat::timestamp);
    let format = read_format(entry, default, read, diagnostics)?;
    let Some(timezone) = &entry.timezone else {
        return Some(format);
    };
    match format.in_timezone(&timezone.value) {
        Ok(format) => Some(format),
        Err(error) => {
            let mistake = mistake(error, &timezone.value);
            let about = format!("timezone `{}`", timezone.value);
            diagnostics.push(timezone.wrong(mistake.about(about)));
            None
        }
    }
}

fn read_date(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Option<TimeFormat> {
    let (default, read) = (TimeFormat::default_date, TimeFormat::date);
    read_format(entry, default, read, diagnostics)
}

fn read_format(
    entry: &ColumnEntry,
    default: fn() -> TimeFormat,
    read: fn(&str) -> Result<TimeFormat, InvalidFormat>,
    diagnostics: &mut Diagnostics,
) -> Option<TimeFormat> {
    let Some(pattern) = &entry.format else {
        return Some(default());
    };
    match read(&pattern.value) {
        Ok(format) => Some(format),
        Err(error) => {
            let mistake = mistake(error, &pattern.value);
            let about = format!("format `{}`", pattern.value);
            diagnostics.push(pattern.wrong(mistake.about(about)));
            None
        }
    }
}

/// The mistake in a format or a timezone, with a way to mend it.
fn mistake(error: InvalidFormat, given: &str) -> Mistake {
    let mistake = Mistake::new(error.to_string());
    match error {
        InvalidFormat::UnknownTimezone => mistake.help(match similar_timezone(given) {
            Some(name) => did_you_mean(name),
            None => "examples are Europe/Berlin and UTC".to_owned(),
        }),
        InvalidFormat::TimezoneBesideOffset => mistake.help("leave out `timezone`"),
        InvalidFormat::TimeInDate => mistake.help("use the type timestamp"),
        InvalidFormat::Syntax => {
            mistake.help("docs.rs/chrono/latest/chrono/format/strftime lists the notation")
        }
        InvalidFormat::NoTimestamp | InvalidFormat::NoDate => mistake,
    }
}

/// The time zone that a user may have meant: the city alone is enough.
fn similar_timezone(given: &str) -> Option<&'static str> {
    let names = || TimeFormat::timezones();
    let city = |name: &&str| {
        let city = name.rsplit('/').next().unwrap_or(name);
        city.replace('_', " ").eq_ignore_ascii_case(given)
    };
    names().find(city).or_else(|| similar(given, names()))
}
