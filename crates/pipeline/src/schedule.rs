//! The times at which a pipeline's parts run.

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::diagnostic::Mistake;

/// The times at which a pipeline's parts run.
///
/// The defaults are also Terraform's, which reads them from `infra/modules/pipeline/schedule_defaults.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// Ticks of the batch layer, in EventBridge Scheduler's notation: `rate(…)` or `cron(…)`, UTC.
    pub batch: String,
    /// Registrations of new folders of the raw table, in the same notation.
    pub partitions: String,
    /// The age of a cut, in seconds, from which on Firehose has delivered everything before it.
    pub settle_seconds: u32,
    /// The time for which the event source mapping gathers records for the speed layer, in seconds.
    pub batching_window_seconds: u32,
    /// The time for which Firehose gathers rows for one raw object, in seconds.
    pub buffer_seconds: u32,
    /// The size to which Firehose gathers rows for one raw object, in MB.
    pub buffer_mb: u32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            batch: "rate(15 minutes)".to_owned(),
            partitions: "cron(5 * * * ? *)".to_owned(),
            settle_seconds: 900,
            batching_window_seconds: 10,
            buffer_seconds: 60,
            buffer_mb: 64,
        }
    }
}

/// The examples that the help of a wrong schedule shows.
const EXAMPLES: &str = "write `rate(15 minutes)` or `cron(5 * * * ? *)`";

/// A field of a cron expression.
struct CronField {
    name: &'static str,
    /// The numbers that the field takes.
    range: RangeInclusive<u32>,
    /// Names of the numbers, the first of the least one.
    names: &'static [&'static str],
    /// The signs that may stand as the whole field or at the end of a number.
    wildcards: &'static str,
}

/// The fields of EventBridge Scheduler's cron expressions ("Schedule types in EventBridge Scheduler", cron-based).
const CRON_FIELDS: [CronField; 6] = [
    CronField {
        name: "minutes",
        range: 0..=59,
        names: &[],
        wildcards: "",
    },
    CronField {
        name: "hours",
        range: 0..=23,
        names: &[],
        wildcards: "",
    },
    CronField {
        name: "day of month",
        range: 1..=31,
        names: &[],
        wildcards: "?LW",
    },
    CronField {
        name: "month",
        range: 1..=12,
        names: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
        wildcards: "",
    },
    CronField {
        name: "day of week",
        range: 1..=7,
        names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
        wildcards: "?L#",
    },
    CronField {
        name: "year",
        range: 1970..=2199,
        names: &[],
        wildcards: "",
    },
];

/// Checks a schedule expression.
///
/// # Errors
/// The first mistake in it, with examples.
pub(crate) fn check_expression(expression: &str) -> Result<(), Mistake> {
    let inner = |kind: &str| {
        expression
            .strip_prefix(kind)?
            .strip_prefix('(')?
            .strip_suffix(')')
    };
    if let Some(rate) = inner("rate") {
        check_rate(rate)
    } else if let Some(cron) = inner("cron") {
        check_cron(cron)
    } else {
        Err("not a schedule".to_owned())
    }
    .map_err(|problem| {
        let about = format!("schedule `{expression}`");
        Mistake::new(problem).about(about).help(EXAMPLES)
    })
}

fn check_rate(rate: &str) -> Result<(), String> {
    let Some((value, unit)) = rate.split_once(' ') else {
        return Err("a rate is a number and a unit".to_owned());
    };
    if !value.parse::<u32>().is_ok_and(|value| value > 0) {
        return Err(format!("`{value}` is not a whole number of 1 or more"));
    }
    if !["minute", "hour", "day"].contains(&unit.strip_suffix('s').unwrap_or(unit)) {
        return Err(format!("`{unit}` is none of minutes, hours, days"));
    }
    Ok(())
}

fn check_cron(cron: &str) -> Result<(), String> {
    let texts: Vec<_> = cron.split_whitespace().collect();
    if texts.len() != CRON_FIELDS.len() {
        return Err(format!(
            "a cron expression has 6 fields, not {}",
            texts.len()
        ));
    }
    for (field, text) in CRON_FIELDS.iter().zip(&texts) {
        if !text.split(',').all(|part| field.allows(part)) {
            return Err(format!("`{text}` is not allowed as {}", field.name));
        }
    }
    if (texts[2] == "?") == (texts[4] == "?") {
        return Err("one of day of month and day of week must be `?`, the other not".to_owned());
    }
    Ok(())
}

impl CronField {
    /// Reports whether an element of the field's list is a value, a range or a step of the field.
    fn allows(&self, part: &str) -> bool {
        let (base, step) = match part.split_once('/') {
            Some((base, step)) => (base, Some(step)),
            None => (part, None),
        };
        let step_fits = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        let base_fits = match base.split_once('-') {
            Some((first, last)) => self.value(first).is_some() && self.value(last).is_some(),
            None => {
                base == "*"
                    || self.value(base).is_some()
                    || step.is_none() && self.is_wildcard(base)
            }
        };
        step_fits && base_fits
    }

    fn value(&self, text: &str) -> Option<u32> {
        let named = self
            .names
            .iter()
            .zip(*self.range.start()..)
            .find(|(name, _)| **name == text);
        named
            .map(|(_, value)| value)
            .or_else(|| text.parse().ok())
            .filter(|value| self.range.contains(value))
    }

    /// Reports whether a text is `?`, `L`, `LW`, or such as `15W`, `FRIL` and `3#2`, as far as the field knows the sign.
    fn is_wildcard(&self, text: &str) -> bool {
        let known = |sign: char| self.wildcards.contains(sign);
        match text {
            "?" => known('?'),
            "L" => known('L'),
            "LW" => known('L') && known('W'),
            _ => match text.split_once('#') {
                Some((day, week)) => {
                    known('#')
                        && self.value(day).is_some()
                        && matches!(week, "1" | "2" | "3" | "4" | "5")
                }
                None => ['L', 'W'].into_iter().any(|sign| {
                    known(sign)
                        && text
                            .strip_suffix(sign)
                            .is_some_and(|value| self.value(value).is_some())
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terraform reads the defaults from this file. `UPDATE_GOLDEN=1 cargo test -p twinlake-pipeline --lib schedule`
    /// writes it anew.
    #[test]
    fn terraform_has_the_same_defaults() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../infra/modules/pipeline/schedule_defaults.json");
        let defaults = serde_json::to_string_pretty(&Schedule::default()).unwrap() + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &defaults).unwrap();
        }
        let written = std::fs::read_to_string(&file).unwrap();
        assert_eq!(written, defaults, "run with UPDATE_GOLDEN=1");
    }

    #[test]
    fn takes_rates_and_cron_expressions() {
        for expression in [
            "rate(1 minute)",
            "rate(15 minutes)",
            "rate(2 hours)",
            "cron(5 * * * ? *)",
            "cron(0/10 8-17 ? * MON-FRI *)",
            "cron(0 0,12 L JAN,JUL ? 2026-2030)",
            "cron(0 8 LW * ? *)",
            "cron(0 8 15W * ? *)",
            "cron(0 8 ? * FRI#2 *)",
            "cron(0 8 ? * 6L *)",
        ] {
            assert_eq!(check_expression(expression), Ok(()), "{expression}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_an_expression() {
        for (expression, problem) in [
            ("every 5 minutes", "not a schedule"),
            ("at(2026-11-20T00:00:00)", "not a schedule"),
            ("rate(minutes)", "a rate is a number and a unit"),
            ("rate(0 minutes)", "`0` is not a whole number of 1 or more"),
            (
                "rate(1.5 hours)",
                "`1.5` is not a whole number of 1 or more",
            ),
            (
                "rate(5 seconds)",
                "`seconds` is none of minutes, hours, days",
            ),
            ("cron(5 * * * *)", "a cron expression has 6 fields, not 5"),
            ("cron(60 * * * ? *)", "`60` is not allowed as minutes"),
            ("cron(0 0 0 * ? *)", "`0` is not allowed as day of month"),
            (
                "cron(0 0 1 * MON *)",
                "one of day of month and day of week must be `?`, the other not",
            ),
            (
                "cron(0 0 ? * ? *)",
                "one of day of month and day of week must be `?`, the other not",
            ),
            ("cron(0/0 0 * * ? *)", "`0/0` is not allowed as minutes"),
            ("cron(L 0 * * ? *)", "`L` is not allowed as minutes"),
            (
                "cron(0 0 ? * FRI#6 *)",
                "`FRI#6` is not allowed as day of week",
            ),
        ] {
            let expected = Mistake::new(format!("schedule `{expression}`: {problem}"))
                .help("write `rate(15 minutes)` or `cron(5 * * * ? *)`");
            assert_eq!(check_expression(expression), Err(expected));
        }
    }
}
