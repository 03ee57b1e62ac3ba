//! Rules of strings.

use std::collections::BTreeMap;

use serde_saphyr::Spanned;

use super::super::document::{ColumnEntry, Pairs, Scalar, diagnostic_at};
use super::{read_set, read_text};
use crate::column::{Case, StringRules};
use crate::decode::clean;
use crate::diagnostic::Diagnostics;

/// Reads the rules of a string; whether an empty one is no value depends on the stream's format if it is not given.
pub(super) fn read(
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

fn is_set(flag: &Option<Spanned<bool>>) -> bool {
    flag.as_ref().is_some_and(|flag| flag.value)
}

fn read_case(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Option<Case> {
    let both = is_set(&entry.lower) && is_set(&entry.upper);
    if let Some(upper) = entry.upper.as_ref().filter(|_| both) {
        diagnostics.push(diagnostic_at(
            upper,
            "`lower` and `upper` exclude each other",
        ));
    }
    match (is_set(&entry.lower), is_set(&entry.upper)) {
        (true, _) => Some(Case::Lower),
        (_, true) => Some(Case::Upper),
        _ => None,
    }
}

fn read_length(given: Option<&Spanned<Scalar>>, diagnostics: &mut Diagnostics) -> Option<usize> {
    let given = given?;
    let length = match given.value {
        Scalar::Integer(length @ 1..) => usize::try_from(length).ok(),
        _ => None,
    };
    if length.is_none() {
        let message = format!(
            "`max_length` must be a whole number of 1 or more, not {}",
            given.value
        );
        diagnostics.push(diagnostic_at(given, message));
    }
    length
}

/// Reads the texts that stand for others. `rules` say what a text has gone through before it is looked up.
fn read_map(
    given: &Spanned<Pairs<Scalar, Scalar>>,
    rules: &StringRules,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, String> {
    let Pairs(pairs) = &given.value;
    if pairs.is_empty() {
        diagnostics.push(diagnostic_at(given, "`map` lists no value"));
    }
    let read = pairs.iter().map(|(from, to)| {
        let (from, to) = (read_text(from)?, read_text(to)?);
        let looked_up = clean(rules, &from);
        if looked_up != from {
            return Err(format!(
                "{from:?} never occurs: after `trim` and case it is {looked_up:?}"
            ));
        }
        Ok((from, to))
    });
    read.collect::<Result<_, String>>()
        .unwrap_or_else(|message| {
            diagnostics.push(diagnostic_at(given, format!("`map`: {message}")));
            BTreeMap::new()
        })
}
