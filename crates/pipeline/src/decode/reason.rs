//! Reasons of bounded length: a record may hold a megabyte, what is said of it must not.

/// The most characters of a reason.
const REASON_LENGTH: usize = 300;

/// The most characters that a reason quotes of a value.
const QUOTE_LENGTH: usize = 40;

/// Cuts a reason that quotes its record to a bounded length.
pub(super) fn bounded(text: &str) -> String {
    cut(text, REASON_LENGTH)
}

/// The beginning of a value, quoted and with control characters escaped.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", cut(text, QUOTE_LENGTH))
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_the_beginning_of_a_long_value() {
        assert_eq!(quoted("a\nb"), r#""a\nb""#);
        assert_eq!(quoted(&"é".repeat(40)), format!("\"{}\"", "é".repeat(40)));
        assert_eq!(quoted(&"é".repeat(41)), format!("\"{}…\"", "é".repeat(40)));
        assert_eq!(
            bounded(&"x".repeat(1_000)).chars().count(),
            REASON_LENGTH + 1
        );
    }
}
