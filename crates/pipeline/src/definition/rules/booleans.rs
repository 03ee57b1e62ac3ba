//! Rules of booleans.

use std::collections::BTreeSet;

use serde_saphyr::Spanned;

use super::super::document::{ColumnEntry, Scalar, diagnostic_at};
use super::{read_set, read_text};
use crate::column::{BooleanTexts, Rules};
use crate::diagnostic::Diagnostics;

/// Reads the texts of true and of false; of which none are given, they are the word itself.
pub(super) fn read(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Rules {
    let Some(place) = entry.true_values.as_ref().or(entry.false_values.as_ref()) else {
        return Rules::Boolean;
    };
    let true_values = read_texts(
        "true_values",
        entry.true_values.as_ref(),
        "true",
        diagnostics,
    );
    let false_values = read_texts(
        "false_values",
        entry.false_values.as_ref(),
        "false",
        diagnostics,
    );
    if let Some(both) = true_values.intersection(&false_values).next() {
        let message = format!("{both:?} would mean both true and false");
        diagnostics.push(diagnostic_at(place, message));
    }
    Rules::BooleanTexts(BooleanTexts {
        true_values,
        false_values,
    })
}

fn read_texts(
    rule: &str,
    given: Option<&Spanned<Vec<Scalar>>>,
    default: &str,
    diagnostics: &mut Diagnostics,
) -> BTreeSet<String> {
    let read = |value: &Scalar| {
        let text = read_text(value)?.trim().to_ascii_lowercase();
        if text.is_empty() {
            return Err("a blank text is no value".to_owned());
        }
        Ok(text)
    };
    read_set(rule, given, diagnostics, read).unwrap_or_else(|| BTreeSet::from([default.to_owned()]))
}
