//! Failures of an invocation, as Lambda and the log are told of them.

use std::error::Error;

/// An error that ends an invocation.
pub trait Failure: Error {
    /// The kind of the error in one word in camel case, such as `NotDeployed`. Lambda's `errorType` is made of it, so
    /// that alarms and queries can tell kinds apart.
    fn kind(&self) -> &'static str;
}

/// The error and its causes on one line, outermost first. A cause that only repeats the text before it is left out.
pub fn report(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Layered(&'static str, Option<Box<Layered>>);

    impl fmt::Display for Layered {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layered {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn causes_follow_and_repetitions_are_left_out() {
        let innermost = Layered("no answer", None);
        let transparent = Layered("no answer", Some(Box::new(innermost)));
        let outermost = Layered("write the object a/b", Some(Box::new(transparent)));
        assert_eq!(report(&outermost), "write the object a/b: no answer");
    }
}
