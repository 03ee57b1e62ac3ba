//! The error of a command, and the text that the user reads.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Effects, Style};
use twinlake_lake::ErrorKind;
use twinlake_pipeline::Diagnostics;
use twinlake_produce::INTERRUPTED;

const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const HELP: Style = AnsiColor::Cyan.on_default().effects(Effects::BOLD);

/// A command that ended without its result.
///
/// `Display` holds the message, `source` the cause. [`Error::explanation`] joins both with the advice.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An operation on AWS failed.
    #[error("cannot {0}")]
    Lake(#[from] twinlake_lake::Error),
    /// `twinlake produce` failed.
    #[error(transparent)]
    Produce(#[from] twinlake_produce::Error),
    /// A pipeline's folder or bundle has mistakes. The text shows each with the line in question.
    #[error("{}", .0.render())]
    Pipeline(Diagnostics),
    /// The request does not fit the state of AWS.
    #[error("{message}")]
    Refused {
        /// The mismatch.
        message: String,
        /// The way to mend it.
        help: String,
    },
    /// The user stopped the command before its end.
    #[error("{0}")]
    Interrupted(String),
    /// Athena failed or cancelled a query.
    #[error("Athena failed the query {query}: {reason}")]
    Query {
        /// The id of the query execution.
        query: String,
        /// Athena's reason.
        reason: String,
    },
    /// A local file cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error about the request, with the way to mend it.
    pub(crate) fn refused(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            help: help.into(),
        }
    }

    /// Reports whether the reader of standard output closed it early, as `head` does. That is no failure.
    pub fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Output(error) | Self::Produce(twinlake_produce::Error::Output(error)) => {
                error.kind() == io::ErrorKind::BrokenPipe
            }
            _ => false,
        }
    }

    /// The exit status of the process.
    pub fn exit_status(&self) -> u8 {
        match self.is_interruption() {
            true => INTERRUPTED,
            false => 1,
        }
    }

    fn is_interruption(&self) -> bool {
        matches!(
            self,
            Self::Interrupted(_) | Self::Produce(twinlake_produce::Error::Interrupted { .. })
        )
    }

    fn help(&self) -> Option<&str> {
        match self {
            Self::Lake(error) | Self::Produce(twinlake_produce::Error::Lake(error)) => {
                let unavailable = error.kind() == ErrorKind::Unavailable;
                unavailable.then_some("check AWS_ENDPOINT_URL, AWS_REGION and the credentials")
            }
            Self::Produce(error) => error.help(),
            Self::Refused { help, .. } => Some(help),
            _ => None,
        }
    }

    /// The text for the user: the message, its causes and the advice, each on a line of its own. It holds ANSI escape
    /// codes, which a writer of [`anstream`] removes where no terminal reads them.
    pub fn explanation(&self) -> String {
        if let Self::Pipeline(found) | Self::Produce(twinlake_produce::Error::Pipeline(found)) =
            self
        {
            return found.render();
        }
        let title = match self.is_interruption() {
            true => "interrupted",
            false => "error",
        };
        let mut text = format!("{ERROR}{title}{ERROR:#}: {self}");
        for cause in causes(self) {
            write!(text, "\n  caused by: {cause}").expect("writing to memory succeeds");
        }
        if let Some(help) = self.help() {
            write!(text, "\n  {HELP}help{HELP:#}: {help}").expect("writing to memory succeeds");
        }
        text
    }
}

/// The texts of the causes of an error, outermost first, without those that only repeat the text before.
fn causes(error: &Error) -> Vec<String> {
    let mut last = error.to_string();
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !last.contains(&text) {
            causes.push(text.clone());
            last = text;
        }
        source = cause.source();
    }
    causes
}

#[cfg(test)]
mod tests {
    use twinlake_lake::Error as LakeError;

    use super::*;

    fn plain(error: &Error) -> String {
        anstream::adapter::strip_str(&error.explanation()).to_string()
    }

    #[test]
    fn causes_and_help_stand_apart_and_nothing_twice() {
        let source = io::Error::other("connection refused");
        let error = LakeError::new(
            ErrorKind::Unavailable,
            "read",
            "state/checkpoint",
            "no answer",
        );
        let error = Error::from(error.caused_by(source));
        assert_eq!(
            plain(&error),
            "error: cannot read state/checkpoint: no answer\n  caused by: connection refused\n  help: check \
             AWS_ENDPOINT_URL, AWS_REGION and the credentials"
        );
    }

    #[test]
    fn an_interruption_is_no_error() {
        let error = Error::Produce(twinlake_produce::Error::Interrupted {
            message: "3 lines were sent".to_owned(),
            help: "say --skip 3".to_owned(),
        });
        assert_eq!(
            plain(&error),
            "interrupted: 3 lines were sent\n  help: say --skip 3"
        );
        assert_eq!(error.exit_status(), 130);
    }

    #[test]
    fn a_closed_pipe_is_recognised_from_every_command() {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(Error::Output(closed()).is_closed_pipe());
        assert!(Error::Produce(twinlake_produce::Error::Output(closed())).is_closed_pipe());
        assert!(!Error::Output(io::Error::other("disk full")).is_closed_pipe());
    }
}
