//! YAML values with their places, and the diagnostics of YAML that cannot be read.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};

use serde_saphyr::{Error, Location, MessageFormatter, Spanned, UserMessageFormatter};

use crate::diagnostic::{Diagnostic, Mistake, Place, Span};
use crate::model::definition::PIPELINE_FILE;

/// The similarity (Jaro) from which on a known word counts as the one that was meant. Command lines use the same
/// threshold (clap).
const MIN_SIMILARITY: f64 = 0.7;

/// A value of the file with its place.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

/// A value whose type its column decides later.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(super) enum Scalar {
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
}

/// A mapping in the order of the file, with keys of any type.
#[derive(Debug)]
pub(super) struct Pairs<K, V>(pub(super) Vec<(K, V)>);

impl<T> Located<T> {
    /// The diagnostic of a mistake in this value.
    pub(super) fn wrong(&self, mistake: impl Into<Mistake>) -> Diagnostic {
        wrong_at(self.span, mistake)
    }
}

/// The diagnostic of a mistake at a place in the file.
pub(super) fn wrong_at(span: Span, mistake: impl Into<Mistake>) -> Diagnostic {
    mistake.into().in_file(PIPELINE_FILE).at(span)
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::deserialize(deserializer)?;
        Ok(Self {
            span: span(spanned.referenced),
            value: spanned.value,
        })
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Pairs<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<K, V>(std::marker::PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<K, V> {
            type Value = Pairs<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor(std::marker::PhantomData))
    }
}

/// Keeps a key whose value is `null` apart from a key that is not there.
pub(super) fn null_as_value<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads the text of `pipeline.yaml`.
///
/// # Errors
/// The first mistake in the text's form.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Diagnostic> {
    // Terraform reads the same file by YAML 1.2, where `yes` and `off` are texts.
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let mistake = mistake(&error);
        match error.location() {
            Some(location) => wrong_at(span(location), mistake),
            None => mistake.in_file(PIPELINE_FILE),
        }
    })
}

/// The mistake that the parser found, in the words of this crate.
fn mistake(error: &Error) -> Mistake {
    match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => Mistake::new(format!("unknown key `{field}`"))
            .help(known_words(field, "keys", expected)),
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => Mistake::new(format!("unknown value `{variant}`"))
            .help(known_words(variant, "values", expected)),
        Error::SerdeMissingField { field, .. } => Mistake::new(format!("missing key `{field}`")),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            Mistake::new(format!("duplicate key `{key}`"))
        }
        Error::InvalidBooleanStrict { .. } => {
            Mistake::new("invalid boolean").help("write true or false")
        }
        Error::Unexpected { expected, .. } => Mistake::new(format!("expected {}", kind(expected))),
        Error::AliasError { error, .. } => mistake(error),
        other => Mistake::new(UserMessageFormatter.format_message(other)),
    }
}

/// The kind of node that the parser expected, without its own terms.
fn kind(expected: &str) -> &str {
    match expected {
        "mapping start" => "a mapping",
        "sequence start" => "a list",
        "string scalar" => "a text",
        other => other,
    }
}

/// The help for an unknown word: the known word that is most like it, and all known words.
pub(super) fn known_words(word: &str, noun: &str, known: &[&'static str]) -> String {
    let list = known.join(", ");
    let all = match known.len() {
        1 => format!("the only {} is {list}", noun.trim_end_matches('s')),
        _ => format!("the {noun} are {list}"),
    };
    match similar(word, known.iter().copied()) {
        Some(similar) => format!("{}\n{all}", did_you_mean(similar)),
        None => all,
    }
}

/// The known word that is most like `word`, if one is similar.
pub(super) fn similar<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let similarity = |known| (strsim::jaro(word, known), known);
    let similarities = known.into_iter().map(similarity);
    let (similarity, known) = similarities.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (similarity > MIN_SIMILARITY).then_some(known)
}

/// The question that offers a known word.
pub(super) fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// The span of a YAML node, which the parser measures in characters. Of a node of several lines it is the first one.
fn span(location: Location) -> Span {
    let start = Place {
        line: location.line(),
        column: location.column(),
    };
    let characters = location.span().len();
    Span {
        start,
        end: (characters > 0).then(|| Place {
            column: start.column + u64::from(characters),
            ..start
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_words_are_offered_and_others_are_not() {
        let known = ["string", "int", "bigint", "double", "boolean"];
        assert_eq!(similar("sting", known), Some("string"));
        assert_eq!(similar("bool", known), Some("boolean"));
        assert_eq!(similar("integer", known), Some("int"));
        assert_eq!(similar("text", known), None);
        assert_eq!(similar("", known), None);
        assert_eq!(similar("x", []), None);
    }

    #[test]
    fn an_alias_that_is_wrong_is_reported_like_any_value() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Shape {
            #[expect(dead_code, reason = "only its type matters")]
            one: Option<bool>,
            #[expect(dead_code, reason = "only its type matters")]
            two: Option<Vec<bool>>,
        }
        let found = read::<Shape>("two: [&a maybe]\none: *a\n").unwrap_err();
        assert_eq!(found.message, "invalid boolean");
    }
}
