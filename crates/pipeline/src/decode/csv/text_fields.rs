//! The fields of a decoded line, without their quotes.

use std::borrow::Cow;

use crate::csv::{Dialect, FieldSplitter, Fields, Line, Quotes};

/// The texts of a line's fields.
pub(super) struct TextFields<'s> {
    text: &'s str,
    fields: Fields<'s>,
    /// The dialect whose quotes the fields may have.
    quoted: Option<Dialect>,
}

impl<'s> TextFields<'s> {
    /// The fields of a line's text, or `None` if there are more than `max`. The line's quotes are not misplaced.
    pub(super) fn split(
        splitter: &'s mut FieldSplitter,
        dialect: Dialect,
        text: &'s str,
        quotes: Quotes,
        max: usize,
    ) -> Option<Self> {
        let bytes = text.as_bytes();
        let fields = splitter.split(Line { bytes, quotes }, max)?;
        let quoted = (quotes == Quotes::Valid).then_some(dialect);
        Some(Self {
            text,
            fields,
            quoted,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<Cow<'s, str>> {
        let field = self.text.get(self.fields.range(index)?)?;
        Some(match self.quoted {
            Some(dialect) => dialect.unquote(field),
            None => Cow::Borrowed(field),
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Cow<'s, str>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}
