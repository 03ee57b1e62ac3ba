//! The characters that structure a CSV text.

use std::borrow::Cow;

use memchr::memchr;

/// The ASCII characters that structure a CSV text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The character between two fields.
    pub delimiter: u8,
    /// The character around a quoted field. Without one, every character but delimiter and line end is text.
    pub quote: Option<u8>,
}

impl Dialect {
    /// The text of a field: without the quotes around it, and each doubled quote once. A field that is not quoted stays
    /// as it is.
    #[inline]
    pub fn unquote(self, field: &str) -> Cow<'_, str> {
        match (field.as_bytes(), self.quote) {
            ([first, .., last], Some(quote)) if *first == quote && *last == quote => {
                without_doubled(&field[1..field.len() - 1], quote)
            }
            _ => Cow::Borrowed(field),
        }
    }

    /// The field that holds `text`: quoted if `always` is set or the text needs it. A dialect without a quote takes the
    /// text as it is.
    pub fn field(self, text: &str, always: bool) -> Cow<'_, str> {
        let Some(quote) = self.quote else {
            return Cow::Borrowed(text);
        };
        let needs_quotes =
            |byte| byte == self.delimiter || byte == quote || matches!(byte, b'\r' | b'\n');
        if !always && !text.bytes().any(needs_quotes) {
            return Cow::Borrowed(text);
        }
        let quote = char::from(quote);
        let doubled = text.replace(quote, &String::from_iter([quote, quote]));
        Cow::Owned(format!("{quote}{doubled}{quote}"))
    }
}

/// The text in which each doubled quote stands once.
fn without_doubled(text: &str, quote: u8) -> Cow<'_, str> {
    if memchr(quote, text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let quote = char::from(quote);
    let (doubled, once) = (String::from_iter([quote, quote]), String::from(quote));
    Cow::Owned(text.replace(&doubled, &once))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        quote: Some(b'"'),
    };

    #[test]
    fn quotes_around_a_field_and_doubled_ones_go() {
        for (field, text) in [
            ("a", "a"),
            ("", ""),
            ("\"\"", ""),
            ("\"a,\n\"\"b\"", "a,\n\"b"),
            ("\"\"\"\"\"\"", "\"\""),
        ] {
            assert_eq!(COMMA.unquote(field), text);
        }
        let without_quote = Dialect {
            quote: None,
            ..COMMA
        };
        assert_eq!(without_quote.unquote("\"a\""), "\"a\"");
        assert_eq!(without_quote.field("a,b", true), "a,b");
    }

    #[test]
    fn a_field_is_quoted_where_it_must_be() {
        assert_eq!(COMMA.field("b", false), "b");
        assert_eq!(COMMA.field("b", true), "\"b\"");
        assert_eq!(COMMA.field("b, \"c\"", false), "\"b, \"\"c\"\"\"");
        assert_eq!(COMMA.field("b\r", false), "\"b\r\"");
    }
}
